#!/usr/bin/env python3
"""Makes corpus/features.out: everything that a terminal keeps, used between ordinary text.

    satellite/tests/screen/features.py
"""

from pathlib import Path

ESC = "\x1b"
CSI = f"{ESC}["
SGR0 = f"{CSI}m"


def text(lines: int, width: int = 30) -> str:
    """Ordinary lines."""
    return "".join(f"line {n} {'.' * (width - 8)}\r\n" for n in range(lines))


def at(row: int, column: int) -> str:
    return f"{CSI}{row};{column}H"


ATTRIBUTES = "".join(f"{CSI}{n}m{n} {SGR0}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 21, 53)) + "\r\n"
UNDERLINES = "".join(f"{CSI}4:{n}mstyle {n}{CSI}24m " for n in range(1, 6)) + (
    f"{CSI}4:3;58:2::255:10:20mred curl{CSI}59m {CSI}58;5;33mblue{SGR0}\r\n"
)
COLOURS = (
    "".join(f"{CSI}{n}m{n}" for n in (*range(30, 38), *range(90, 98))) + SGR0 + "\r\n"
    + "".join(f"{CSI}{n}m{n}" for n in (*range(40, 48), *range(100, 108))) + SGR0 + "\r\n"
    + "".join(f"{CSI}38;5;{n}m{n} " for n in range(0, 256, 17))
    + "".join(f"{CSI}48:5:{n}m{n} " for n in range(5, 256, 50)) + SGR0 + "\r\n"
    + "".join(f"{CSI}38;2;{n};10;{255 - n}m#{CSI}48:2::{n}:{n}:9m#" for n in range(0, 256, 32)) + SGR0 + "\r\n"
    + f"{CSI}1;31;44mone{CSI}22mtwo{CSI}39mthree{CSI}49mfour{CSI}7mfive{CSI}27msix{SGR0}\r\n"
)
MARGIN = (
    "a" * 80 + "wrapped\r\n" + "b" * 80 + SGR0 + "\r\nno wrap\r\n" + "c" * 79 + "漢字\r\n"
    + f"{CSI}44m" + "d" * 80 + f"{CSI}45mwith colour\r\n{SGR0}"
    + "e" * 80 + f"{CSI}Kerased\r\n" + "f" * 80 + f"{CSI}1Kleft\r\n" + "g" * 80 + "\bback\r\n" + "h" * 160 + "\r\n"
    + f"{CSI}?7l" + "i" * 85 + "漢\r\n" + f"{CSI}?7h"
    + "j" * 80 + f"{ESC}7" + "k" + f"{ESC}8" + "l\r\n"
)
CHARACTERS = (
    "e\u0301 a\u0308o\u0302\u0323 漢\u0300字 ｱﾞ 한국어 👍🏽 ไทย हिन्दी \u200b\u0301x\r\n"
    + f"漢字{CSI}2Dx漢字{CSI}3Dy 漢字\b\b\bz\r\n漢字漢字{CSI}4D{CSI}1@{CSI}2P{CSI}1X\r\n"
    + f"漢{CSI}3b e\u0301{CSI}2b x{CSI}10b\r\n{CSI}31mr{CSI}5b{SGR0}\r\n"
)
SETS = (
    f"{ESC}(0lqqqk{ESC}(B plain {ESC})0\x0elqx\x0f plain {ESC}(A#{ESC}(B "
    + f"{ESC}*0{ESC}nlq{ESC}o#\x0f {ESC}(0{ESC}7{ESC}(Bx{ESC}8qq{ESC}(B\r\n{ESC}%Gplain\r\n"
)
TABS = (
    f"a\tb\tc\r\n{CSI}3g{at(5, 4)}{ESC}H{at(5, 20)}{ESC}H\ra\tb\tc\td{CSI}2Z<{CSI}I>\r\n{at(6, 20)}{CSI}g\ra\tb\r\n"
)
SCROLLING = (
    text(10) + f"{CSI}5;12r{at(5, 1)}" + text(12) + f"{at(12, 1)}\n\n{at(5, 1)}{ESC}M{ESC}Minserted"
    + f"{CSI}2S{CSI}1T{at(8, 3)}{CSI}2L{CSI}44m{CSI}1L{CSI}2M{SGR0}{at(1, 1)}top{at(20, 1)}bottom"
    + f"{CSI}?6h{at(2, 3)}origin{ESC}7{at(99, 99)}corner{ESC}8saved{CSI}?6l{CSI}r{at(18, 1)}{CSI}S{ESC}D{ESC}E{ESC}M"
    + text(4)
)
EDITING = (
    f"{at(3, 10)}{CSI}44m{CSI}5X{at(4, 10)}{CSI}3@{at(5, 10)}{CSI}3P{at(6, 10)}{CSI}K{at(7, 10)}{CSI}1K"
    + f"{at(8, 1)}{CSI}2K{SGR0}{at(9, 4)}{CSI}4hinsert{CSI}4l over{at(10, 76)}{CSI}4hatmargin{CSI}4l"
    + f"{at(11, 1)}{CSI}1\"qkept{CSI}0\"q gone{CSI}?K\r{CSI}?2K{at(14, 1)}{CSI}41m{CSI}J{SGR0}{at(2, 5)}{CSI}1J{at(12, 1)}"
    + f"{CSI}2 @{CSI}1 A{CSI}2'}}{CSI}1'~ {CSI}20hLNM\nnext{CSI}20l\r\n"
)
ALTERNATE = "".join(
    text(3) + f"shell {mode}{ESC}7{CSI}?{mode}h{CSI}32;44mfull{CSI}2J{at(3, 3)}screen{CSI}3;10r{CSI}?25l{at(10, 1)}"
    + text(3, 20) + f"{ESC}7{CSI}?25h{SGR0}{at(12, 1)}{CSI}3g{ESC}Hmore\r\n{ESC}8restored" + f"{CSI}?{mode}l{ESC}8after\r\n"
    for mode in (47, 1047, 1049)
)
MODES = (
    f"{CSI}?1h{ESC}={CSI}?2004h{CSI}?1000h{CSI}?1006htyping{CSI}?1002h{CSI}?1004h drag {CSI}?1003h{CSI}?1016hany"
    + f"{CSI}?9h{CSI}?45hrev\b\b\b\b\b\b\b\b{CSI}?45l{CSI}?2026hsync{CSI}?2026l{CSI}3 q_{CSI}5 q|{CSI}?12h{CSI}?12l{CSI}0 q"
    + f"{ESC}]0;a title; with more\x07{ESC}]2;another{ESC}\\ named {ESC}]1;icon\x07"
    + f"{CSI}?1l{ESC}>{CSI}?2004;1003;1006;1004;9l off{CSI}?66hpad{CSI}?66l\r\n"
    + f"{CSI}6n{CSI}c{CSI}>c{CSI}?1$p{ESC}P$qm{ESC}\\answered\r\n{ESC}Pqstring\x07with bell{ESC}\\{ESC}_apc{ESC}\\{ESC}^pm{ESC}\\done\r\n"
)
LINKS = (
    f"{ESC}]8;;https://plant.example/a\x07link{ESC}]8;;\x07 plain {ESC}]8;id=2;https://plant.example/b{ESC}\\two "
    + f"{CSI}31;4mred{SGR0}{ESC}]8;;{ESC}\\ end\r\n"
)
ODD = (
    f"{CSI}38;2m{CSI}38;5m{CSI}4:9m?{SGR0}{CSI}1;2;3;4;5;6zz{CSI}?1;7h\x85next\x84\x8d\u009b31mC1\u009bm{CSI}3\x18can{CSI}3\x1asub"
    + f"{CSI}2\r;3Hmid{ESC}#8{at(24, 80)}Z{SGR0}{CSI}!p{CSI}H{CSI}2J" + f"{CSI}999;999H{CSI}999Aup{CSI}999Dleft{CSI}999Bdown\r\n"
    + f"{CSI}s{CSI}5;5H{CSI}u{CSI}3d{CSI}7G{CSI}2a{CSI}1e{CSI}4`{CSI}E{CSI}2F{CSI}5fplace\x7f\r\n"
)

STREAM = "".join(
    part + text(2)
    for part in (
        text(30) + f"{CSI}3J", ATTRIBUTES, UNDERLINES, COLOURS, MARGIN, CHARACTERS, SETS, TABS, SCROLLING, EDITING, text(6), ALTERNATE,
        MODES, LINKS, ODD, text(30), f"{ESC}c", text(3), f"{ESC}7" + text(30) + f"{ESC}8back",
    )
)

if __name__ == "__main__":
    (Path(__file__).resolve().parent / "corpus" / "features.out").write_bytes(STREAM.encode())
