"""The Chinese wordings: reason × closeness, three variants each.

The salutation may be empty, so every wording reads well when it begins with 您好.
"""
# ruff: noqa: E501  # a wording stands on one line, as it is read

from collections.abc import Mapping

CHINESE: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("overdue", False): (
        "{salutation}您好，我是{company}的{user_name}。有些日子没有问候您了，想听听最近用得是否顺手。您这两天哪个时间方便，我给您打个电话？",
        "{salutation}您好，{company}{user_name}。上次联络已经是 {days} 天前了，一直记挂着。最近有没有什么需要我们配合的地方，您随时告诉我。",
        "{salutation}您好，我是{company}的{user_name}，负责您这边的服务。这段时间没有打扰您，今天想做个简短回访，五分钟就好。您看上午还是下午方便？",
    ),
    ("overdue", True): (
        "{salutation}您好，我是{user_name}。转眼 {days} 天没联络了，您最近都好吧？有空聊几句，我也想听听您这边的新情况。",
        "{salutation}您好，{user_name}问候您。前阵子忙，疏于联络，请您见谅。这周您哪天方便，我过去坐坐，当面聊聊。",
        "{salutation}您好，我是{user_name}。好久没听到您的消息，想着给您打个电话。近来顺不顺利，有什么我能帮上忙的？",
    ),
    ("falling", False): (
        "{salutation}您好，我是{company}的{user_name}。最近我们联系少了些，想了解是不是有哪里没有做好。您方便时说几句，我记下来马上跟进。",
        "{salutation}您好，{company}{user_name}。回看这一个月的往来，感觉我们对您的照应不够。您最在意的是哪一点，我先把它办好。",
        "{salutation}您好，我是{company}的{user_name}。想请教您一个问题，最近我们的产品和服务，哪一处最该改进？您的话我会原样带回去。",
    ),
    ("falling", True): (
        "{salutation}您好，我是{user_name}。最近来往比以前少了，我心里不太踏实。是不是我们哪里让您不方便了，您直说，我来解决。",
        "{salutation}您好，{user_name}。咱们认识这么久，想听您一句实话，最近我们有哪里不如从前？我这周去拜访您，把问题当面理清楚。",
        "{salutation}您好，我是{user_name}。看到近一个月往来少了，先想到的是有没有照顾不周。您哪天有半小时，我带同事过去听听您的意见。",
    ),
    ("date", False): (
        "{salutation}您好，我是{company}的{user_name}。{day}是您的{occasion}，谨代表同事们祝您身体健康，诸事顺心。",
        "{salutation}您好，{company}{user_name}给您道贺。祝您{occasion}愉快，家人安康。",
        "{salutation}您好，{company}的{user_name}问候您。{day}是{occasion}，愿您新的一岁平安如意，感谢您一直以来的信任。",
    ),
    ("date", True): (
        "{salutation}您好，我是{user_name}。{day}是您的{occasion}，一直记着呢，祝您顺顺心心，全家安康。",
        "{salutation}您好，{user_name}祝您{occasion}快乐。给您备了一份小心意，您哪天在，我送过去。",
        "{salutation}您好，又到您的{occasion}了。愿您身体好，心情好，一切都好。有空一起喝杯茶，{user_name}做东。",
    ),
    ("replenishment", False): (
        "{salutation}您好，我是{company}的{user_name}。按您以往的用量，{category}差不多该补了。需要的话我先给您留货，您说个数量就行。",
        "{salutation}您好，{company}{user_name}。您上次买{category}已经 {days} 天了，不知还剩多少？要补的话，今天下单我来安排尽快送到。",
        "{salutation}您好，我是{company}的{user_name}。提醒您一声，{category}按平常的节奏该续上了。若用量有变化也请告诉我，我好替您调整。",
    ),
    ("replenishment", True): (
        "{salutation}您好，{user_name}。{category}该补了吧？还是老规格的话，您回个数，我这就安排。",
        "{salutation}您好，我是{user_name}。算着日子，您那边的{category}快用完了。我先给您留着，您看什么时候送合适？",
        "{salutation}您好，{user_name}。距上次补{category}有 {days} 天了，怕您忙忘了，提醒一声。用量若变了也跟我说，我给您重新算算。",
    ),
}
