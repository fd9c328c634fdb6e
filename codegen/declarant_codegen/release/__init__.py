"""From a generated distribution to what is released: a source archive and a wheel with the key."""
