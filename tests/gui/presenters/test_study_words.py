from ptygui.gui.presenters.study_words import arms_table

REPORT = """# stress

Of several seeds: mean (lowest to highest).

| arm | runs | dead | alive but flat | parameters |
| --- | ---: | ---: | ---: | ---: |
| old, as it was | 10 | 3 | 0 | 227 234 |
| new | 10 | 0 | 0 |  |

## The best state: raw

| arm | amp SSIM | R1 |
| --- | ---: | ---: |
| new | 0.889 (0.816 to 0.915) | −0.02 |

## The last state

| arm | amp SSIM |
| --- | ---: |
| new | 0.1 |
"""


def test_the_best_stands_beside_what_died() -> None:
    assert arms_table(REPORT) == [
        ["arm", "runs", "dead", "alive but flat", "amp SSIM", "R1", "parameters"],
        ["old, as it was", "10", "3", "0", "", "", "227 234"],
        ["new", "10", "0", "0", "0.889 (0.816 to 0.915)", "−0.02", ""],
    ]


def test_a_report_without_tables_gives_none() -> None:
    assert arms_table("") == []
    assert arms_table("# stress\n\nNothing is over yet.\n") == []
