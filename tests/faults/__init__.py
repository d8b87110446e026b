"""Real kills and real pace: what can only be proven with processes that die and clocks that run."""
