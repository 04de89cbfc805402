"""Search by Chinese characters, pinyin, initials, words and digits."""
