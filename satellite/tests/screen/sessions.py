"""What the corpus holds: which program runs, in which home, and which keys are typed."""

import shutil
from pathlib import Path

HOME = Path("/tmp/op-corpus")

ENTER, ESC, TAB, BACKSPACE = "\r", "\x1b", "\t", "\x7f"
UP, LEFT, HOME_KEY, END_KEY = "\x1b[A", "\x1b[D", "\x1b[H", "\x1b[F"
CTRL = {letter: chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"}

BASHRC = r"""
PS1='\[\e[1;32m\]op@plant\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]$ '
PROMPT_COMMAND='printf "\e]0;op@plant: %s\a" "${PWD/#$HOME/\~}"'
alias ls='ls --color=always'
"""

VIMRC = """
set nocompatible number ruler showcmd hlsearch incsearch laststatus=2 background=dark noswapfile
set viminfo= t_Co=256 mouse=a
syntax on
"""

SOURCE = r"""/* A valve of the plant: 漢字 in a comment, and café. */
#include <stdio.h>
#include <stdlib.h>

#define LIMIT 42

struct valve {
    const char *name;
    int open;
};

static int turn(struct valve *valve, int by)
{
    valve->open += by;
    if (valve->open > LIMIT) {
        fprintf(stderr, "valve %s: %d is too far\n", valve->name, valve->open);
        return -1;
    }
    return valve->open;
}
"""


def prepare() -> None:
    """A fresh home: a shell's settings, a source file, a long text, some names to complete."""
    shutil.rmtree(HOME, ignore_errors=True)
    (HOME / "reports").mkdir(parents=True)
    (HOME / ".bashrc").write_text(BASHRC)
    (HOME / ".vimrc").write_text(VIMRC)
    (HOME / ".tmux.conf").write_text("set -g default-command 'bash --norc'\nset -g status-right 'plant'\n")
    body = "".join(
        f"int step_{n}(struct valve *valve)\n{{\n    return turn(valve, {n});\n}}\n\n" for n in range(1, 30)
    )
    (HOME / "valve.c").write_text(SOURCE + body)
    lines = [f"{n:4}  " + ("pump and valve " * (n % 7)) + "größer 漢字\n" for n in range(1, 161)]
    (HOME / "long.txt").write_text("".join(lines))
    for name in ("january", "february", "march"):
        (HOME / "reports" / f"report-{name}.txt").write_text(name)


def typed(text: str) -> list[str]:
    """Key by key: what a person's typing looks like."""
    return list(text)


SESSIONS: dict[str, tuple[list[str], list[str | float]]] = {
    "bash": (
        ["bash"],
        [
            *typed("echo hello wrld"),
            *(LEFT, LEFT, "o", END_KEY, ENTER),
            "ls -l --time-style=+%H:%M\r",
            "cat rep" + TAB, "rep" + TAB, TAB, "ja" + TAB, ENTER,
            "printf '\\e[3%dm%s\\e[0m ' 1 red 2 green 3 yellow; echo\r",
            "printf '\\e[48;5;%dm%3d' {16..51}; printf '\\e[0m\\n'\r",
            "echo '漢字かな 한국어 e\u0301 a\u0308o\u0308 👍 ─│┌┐'\r",
            *typed("echo größer"), BACKSPACE, BACKSPACE, "e", ENTER,
            "echo " + "0123456789" * 9, HOME_KEY, END_KEY, BACKSPACE, ENTER,
            CTRL["r"], "hel", CTRL["r"], ENTER,
            UP, UP, CTRL["a"], CTRL["k"], "head -c 700 long.txt\r",
            "seq 1 60\r",
            "ls -la --color=always --time-style=+%H:%M . reports | grep -v total\r",
            "grep -n --color=always valve valve.c | head -n 30\r",
            "printf '%80s|\\n' right; printf 'tab\\tstops\\there\\n'; tput cup 3 10; tput el; tput sc; tput cup 0 0; tput rc\r",
            "for i in 1 2 3 4 5; do printf '\\r%d of 5' $i; sleep 0.1; done; echo\r", 1.0,
            "sleep 5\r", CTRL["c"],
            CTRL["l"], "tail -n 5 valve.c\r", "clear\r", "echo done\r", "exit\r",
        ],
    ),
    "vim": (
        ["bash"],
        [
            "echo before; tail -n 3 long.txt\r",
            "vim valve.c\r", 0.5,
            CTRL["f"], CTRL["e"] * 3, CTRL["y"] * 2, CTRL["b"],
            "3Gi", *typed("int pressure = 7;"), ENTER, "// größer 漢字" + ENTER, ESC,
            "/valve\r", "nn", "N",
            "Vjjj", ESC, "vww", ESC, "dd", "p", "u", ">>", "10Gzt",
            ":split\r", "G", CTRL["w"] + "w", "gg", "5" + CTRL["e"], ":vsplit\r", "20j", ":only\r",
            "5GO" + "long line " * 12 + ESC, "x" * 4, "J",
            ":set list\r", ":help motion\r", ":q\r", ":q!\r",
            "echo after\r", "exit\r",
        ],
    ),
    "less": (
        ["bash"],
        [
            "seq 1 30\r", "less -N long.txt\r",
            " ", " ", "b", "j", "j", "k", "d", "u", "/pump\r", "n", "n", "N", "G", "g", "50g",
            "-S\r", "\x1b[C", "\x1b[D", "=", "h", "q", "&größer\r", "q", "git log 2>&1 | less -X\r", "q", "exit\r",
        ],
    ),
    "top": (
        ["bash"],
        [
            "sleep 300 & sleep 301 & echo started\r",
            "top -d 5\r", "z", "x", "h", ESC, "q", "top -d 1 -n 2\r", 2.0,
            "kill %1 %2\r", "exit\r",
        ],
    ),
    "htop": (
        ["bash"],
        [
            "sleep 300 & sleep 301 & echo started\r",
            "htop -d 20\r", 1.0, "\x1bOB", "\x1bOB", "\x1bOP", "q", "t", "/sle", ESC, "\\sl", ENTER, ESC, "S", ENTER, 2.0, "q",
            "kill %1 %2\r", "exit\r",
        ],
    ),
    "tmux": (
        ["bash"],
        [
            "echo before\r", "tmux\r", 1.0,
            "PS1='op$ '; clear\r", "seq 1 30\r",
            CTRL["b"] + '"', "PS1='below$ '\r", "cat long.txt | head -n 15\r",
            CTRL["b"] + "%", "PS1='right$ '\r", "printf '\\e[1;33m漢字 e\u0301\\e[0m\\n'; seq 1 12\r",
            CTRL["b"] + "[", UP, UP, CTRL["u"], "q",
            CTRL["b"] + "o", "seq 100 112\r", CTRL["b"] + "z", CTRL["b"] + "z", CTRL["b"] + "c", "PS1='second$ '\r",
            CTRL["b"] + "n", CTRL["b"] + "t", "q", CTRL["b"] + "?", "q", CTRL["b"] + ":list-keys\r", "q",
            CTRL["b"] + "d", "echo detached\r", "tmux attach\r", 0.5, CTRL["b"] + ":kill-server\r", "exit\r",
        ],
    ),
}
