"""What is the same for every transport: encoding, signing, checking and classifying. No input or output here."""
