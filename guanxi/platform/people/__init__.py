"""The pages of accounts: where one is signed in, tokens, the people of the house, their sign-in."""
