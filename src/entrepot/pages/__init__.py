"""What people and agents read of a model: made from the catalogue and the tariff alone."""
