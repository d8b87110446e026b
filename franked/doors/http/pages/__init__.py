"""What a reader sees who follows a link in a mail: pages without a login and without a script."""
