"""The English wordings: reason × closeness, three variants each."""
# ruff: noqa: E501  # a wording stands on one line, as it is read

from collections.abc import Mapping

ENGLISH: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("overdue", False): (
        "Hello {salutation}, this is {user_name} of {company}. It has been a while, and I would like to hear how things are going. "
        "When would a short call suit you?",
        "Hello {salutation}, {user_name} of {company} here. We last spoke {days} days ago. "
        "Is there anything you need from us at the moment?",
        "Hello {salutation}, I'm {user_name} and I look after you at {company}. I have five minutes of questions about how it all works for you. "
        "Would the morning or the afternoon be better?",
    ),
    ("overdue", True): (
        "Hello {salutation}, it's {user_name}. {days} days have gone by without a word from me. "
        "How have you been, and what is new on your side?",
        "Hello {salutation}, {user_name} here. I have been too quiet lately, and I'm sorry for that. "
        "May I come by this week for a proper talk?",
        "Hello {salutation}, it's {user_name}. I was thinking of you and wanted to ask how things are. Is there anything I can do for you?",
    ),
    ("falling", False): (
        "Hello {salutation}, this is {user_name} of {company}. We have had less to do with each other lately, and I would like to know if we missed something. "
        "Whatever it is, I'll follow it up.",
        "Hello {salutation}, {user_name} of {company} here. Looking back at the last month, I feel we could have done more for you. "
        "What matters most to you right now?",
        "Hello {salutation}, this is {user_name} of {company}. May I ask you one question: what should we do better? "
        "I'll take your answer back word for word.",
    ),
    ("falling", True): (
        "Hello {salutation}, it's {user_name}. We have seen less of each other, and that worries me a little. "
        "If something went wrong, tell me plainly and I'll put it right.",
        "Hello {salutation}, {user_name} here. We have known each other long enough for a frank word: where are we not as good as we used to be? "
        "I would like to come and hear it in person.",
        "Hello {salutation}, it's {user_name}. I noticed a quiet month and wondered whether we let you down somewhere. "
        "Do you have half an hour this week for me and a colleague?",
    ),
    ("date", False): (
        "Hello {salutation}, this is {user_name} of {company}. {day} is your {occasion}, and all of us here wish you health and happiness.",
        "Hello {salutation}, {user_name} and everybody at {company} wish you all the best for your {occasion}.",
        "Hello {salutation}, {user_name} of {company} here with our best wishes for your {occasion}. Thank you for your trust all these years.",
    ),
    ("date", True): (
        "Hello {salutation}, it's {user_name}. {day} is your {occasion}, and I did not want to miss it. All the best to you and your family.",
        "Hello {salutation}, {user_name} here. All my best wishes for your {occasion}. I have a small present for you; when may I bring it round?",
        "Hello {salutation}, I hope your {occasion} is a happy one. Let's have a cup of tea soon, on me. {user_name}",
    ),
    ("replenishment", False): (
        "Hello {salutation}, this is {user_name} of {company}. Going by your usual pace, {category} should be running low. "
        "Tell me how much you need and I'll set it aside.",
        "Hello {salutation}, {user_name} of {company} here. You last bought {category} {days} days ago. "
        "Shall I arrange a delivery?",
        "Hello {salutation}, this is {user_name} of {company} with a short reminder: {category} is about due. "
        "If you use more or less than before, let me know and I'll adjust.",
    ),
    ("replenishment", True): (
        "Hello {salutation}, {user_name} here. Time for more {category}? If it's the same as always, send me a number and I'll see to it.",
        "Hello {salutation}, it's {user_name}. By my count you are nearly out of {category}. I'll keep some for you; when should it come?",
        "Hello {salutation}, {user_name} here. It has been {days} days since your last {category}, so I thought I'd remind you. "
        "Has the amount you need changed?",
    ),
}
