"""What managing the hub comes to, whoever asks for it and however: checked, done and logged in one transaction."""
