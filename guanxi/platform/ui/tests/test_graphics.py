from django.template import Context, Template
from django.utils import translation

from guanxi.platform.ui import graphics


def test_a_rise_is_good_unless_a_fall_is() -> None:
    with translation.override("en"):
        assert 'class="delta up"' in graphics.delta(1.3)
        assert "up </span>1.3" in graphics.delta(1.3)
        assert 'class="delta down"' in graphics.delta(-6.2)
        churn = graphics.delta(-18.4, "%", is_fall_good=True)
        assert 'class="delta up"' in churn
        assert "down </span>18.4%" in churn
        assert graphics.delta(0.04) == '<span class="delta flat">flat</span>'
        assert graphics.delta(None) == '<span class="delta flat">—</span>'


def test_a_spark_needs_two_values_and_colours_a_turn() -> None:
    assert graphics.spark([5.0]) == ""
    assert 'class="spark down"' in graphics.spark([86, 83, 78])
    assert 'class="spark"' in graphics.spark([50, 50, 51])
    assert 'points="2.0,17.0 52.0,3.0"' in graphics.spark([1, 3])


def test_a_bar_stays_inside_and_missing_is_dashed() -> None:
    assert 'width="100%"' in graphics.bar(130)
    assert 'class="fi" width="0%"' in graphics.bar(-5)
    assert 'x="64%"' in graphics.bar(90, tick=64)
    assert graphics.bar(None) is graphics.EMPTY_BAR
    assert 'class="na"' in graphics.EMPTY_BAR


def test_text_of_others_is_escaped() -> None:
    assert "<b>" not in graphics.avatar("<b>")
    assert "<script>alert" not in graphics.chart("rows", {"labels": ["<script>alert"]}, label="<x>")
    assert "&lt;x&gt;" in graphics.chart("rows", {}, label="<x>")


def test_tags_and_filters_work_in_a_template() -> None:
    source = (
        '{% load ui %}{% icon "phone" %}{% grade "S" "核心" is_large=True %}{{ amount|money }} {{ name|masked_phone }}'
    )
    with translation.override("zh-hans"):
        text = Template(source).render(Context({"amount": 428000, "name": "13812346021"}))
    assert 'icons.svg#phone"' in text
    assert '<span class="grade S lg">S 核心</span>¥42.8 万 138 **** 6021' in text
