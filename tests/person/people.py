"""Strategies that make people up."""

from datetime import date

from hypothesis import strategies as st

from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex

# Letters of several scripts, 外字 in and outside the BMP, a variation selector, digits, dashes; no spaces.
LETTERS = "山田太郎髙﨑𠮷葛\U000e0100アーｱあAZaz09０９－ー'’.-ßé"

words = st.text(LETTERS, min_size=1, max_size=20)
names = st.builds(Name, words) | st.builds(Name.of, words, words)
addresses = st.lists(words, min_size=1, max_size=9).map("　".join).map(Address)
birth_dates = st.builds(BirthDate, st.dates(min_value=date(1868, 1, 25)))
attributes = st.builds(BasicAttributes, names, addresses, birth_dates, st.sampled_from(Sex))
