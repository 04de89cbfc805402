"""Pictures of relationships: the same links give the same picture, and nothing lies on anything else."""

from itertools import combinations

from guanxi.customers.analyses.relations import MOST_NODES, group_tree, influence_map, rings


def test_rings_are_distances() -> None:
    layout = rings("a", [("a", "b"), ("c", "b"), ("c", "d"), ("a", "e")])
    assert {place.key: place.ring for place in layout.places} == {"a": 0, "b": 1, "e": 1, "c": 2}
    assert layout == rings("a", [("a", "b"), ("c", "b"), ("c", "d"), ("a", "e")])


def test_boxes_do_not_lie_on_each_other() -> None:
    links = [("me", f"n{place}") for place in range(14)] + [(f"n{place % 14}", f"f{place}") for place in range(40)]
    layout = rings("me", links)
    for one, other in combinations(layout.places, 2):
        assert abs(one.x - other.x) >= 128 or abs(one.y - other.y) >= 36, (one, other)
    assert all(64 <= place.x <= layout.width - 64 and 18 <= place.y <= layout.height - 18 for place in layout.places)


def test_what_has_no_room_is_counted() -> None:
    layout = rings("me", [("me", f"n{place}") for place in range(80)])
    assert (len(layout.places), layout.left_out) == (MOST_NODES, 21)


def test_one_alone_is_a_picture_too() -> None:
    assert [place.key for place in rings("me", []).places] == ["me"]


def test_a_group_is_walked_from_its_top_and_circles_end() -> None:
    names = {1: "top", 2: "b", 3: "a", 4: "low"}
    links = [(1, 2), (1, 3), (2, 4)]
    expected = ((1, 0), (3, 1), (2, 1), (4, 2))
    assert all(group_tree(member, links, names=names) == expected for member in names)
    assert {pk for pk, _ in group_tree(1, [(1, 2), (2, 1)], names=names)} == {1, 2}


def test_who_decides_with_weight_stands_on_top_left() -> None:
    layout = influence_map([("boss", 0, 3), ("user", 2, 1), ("second", 0, 3), ("clerk", 4, 0)])
    found = {place.key: (place.x, place.y) for place in layout.places}
    assert found["boss"][0] == found["second"][0] < found["user"][0] < found["clerk"][0]
    assert found["boss"][1] < found["second"][1] < found["user"][1] < found["clerk"][1]
