"""人籍核对: a list from outside held against the roll: reading it, pairing, the words, the settling."""
