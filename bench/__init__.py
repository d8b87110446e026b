"""The figures in the README, each with the command that makes it: Franked beside what a team would otherwise use."""
