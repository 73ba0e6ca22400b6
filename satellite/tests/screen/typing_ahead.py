"""What people type into programs: the corpus of typing ahead of the echo. Keys one by one; secrets are marked.

Each entry is a program and its keys. A key that begins with SECRET is typed where the program shows nothing.
"""

from sessions import BACKSPACE, CTRL, ENTER, ESC, LEFT, TAB, UP

SECRET = "\0"


def typed(text: str) -> list[str]:
    """Key by key, with Enter at its end."""
    return [*text, ENTER]


def hidden(text: str) -> list[str]:
    """A secret, key by key. Written in characters that no other typing has."""
    return [*(SECRET + key for key in text), ENTER]


DOWN, RIGHT = "\x1b[B", "\x1b[C"
PASSWORD = "PQ7XZ9WV"

TYPING: dict[str, tuple[list[str], list[str | float]]] = {
    "bash": (
        ["bash", "--norc"],
        [
            *typed("echo hello there"), *"echo wrld", LEFT, LEFT, LEFT, "o", ENTER,
            *"ls repo", TAB, ENTER, UP, UP, BACKSPACE, BACKSPACE, *typed("xy"),
            *"echo one two", CTRL["w"], *typed("three"), CTRL["r"], *"hel", ENTER,
            *typed("read -rsp 'password: ' it"), *hidden(PASSWORD), *typed("echo größer 漢字"), *typed("exit"),
        ],
    ),
    "dash": (["dash"], [*typed("echo plain"), *"echo ab", BACKSPACE, *typed("c"), *typed("stty -echo; read it; stty echo"), *hidden(PASSWORD), *typed("exit")]),
    "zsh": (["zsh", "-f"], [*typed("echo hello"), *"echo wrld", LEFT, LEFT, LEFT, *typed("o"), *typed("read -s it"), *hidden(PASSWORD), *typed("exit")]),
    "vim": (
        ["vim", "-u", "NONE", "--noplugin", "new.txt"],
        [*"iThe first line", ENTER, *"and the second", BACKSPACE, BACKSPACE, *"nd", ESC, *"0dw", *"ohello", ESC, *"yyp", *typed(":wq")],
    ),
    "less": (["less", "long.txt"], [" ", "b", *typed("/pump"), "n", "G", "g", "q"]),
    "top": (["top", "-d", "9"], ["h", "q", "o", *typed("COMMAND=sh"), "q"]),
    "htop": (["htop", "-d", "90"], ["/", *"slee", ESC, "\\", *"sl", ENTER, ESC, "q"]),
    "nano": (["nano", "note.txt"], [*"a note for you", ENTER, *"second line", LEFT, LEFT, *"xx", CTRL["w"], *typed("note"), CTRL["x"], "n"]),
    "python3": (
        ["python3", "-q"],
        [
            *typed("1 + 2"), *typed("for i in range(3):"), *typed("    print(i)"), ENTER,
            *typed("import getpass; it = getpass.getpass()"), *hidden(PASSWORD), *typed("len(it)"), CTRL["d"],
        ],
    ),
    "tmux": (
        ["tmux", "new", "bash --norc"],
        [0.5, *typed("echo in tmux"), CTRL["b"] + "%", *typed("echo right"), CTRL["b"] + "o", *typed("echo left"), CTRL["b"] + ":", *typed("kill-server")],
    ),
    "man": (["man", "-P", "less", "ls"], [1.0, " ", *typed("/sort"), "n", "q"]),
    "cat": (["cat"], [*typed("what goes in"), *"comes out", BACKSPACE, ENTER, CTRL["d"]]),
    "bc": (["bc", "-q"], [*typed("2^10"), *"12+3", BACKSPACE, *typed("4"), CTRL["d"]]),
    "ed": (["ed", "valve.c"], [*typed("1p"), *typed("a"), *typed("a new line"), *typed("."), *typed("Q")]),
    "git": (
        ["bash", "--norc"],
        [
            *typed("git init -q . && git add -A"), *typed("git -c user.name=op -c user.email=op@plant commit -qm first"),
            *typed("git log"), "q", *typed("git status"), *typed("exit"),
        ],
    ),
    "perl": (["perl", "-de", "0"], [*typed("p 40 + 2"), *typed("$x = 'abc'"), *typed("p $x"), *typed("q")]),
    "sqlite3": (["sqlite3"], [*typed("create table t (a);"), *typed("insert into t values (7);"), *typed("select *"), *typed("from t;"), *typed(".quit")]),
    "ssh-keygen": (["ssh-keygen", "-t", "ed25519", "-f", "key"], [*hidden(PASSWORD), *hidden(PASSWORD), 0.5]),
    "openssl": (["openssl", "passwd", "-6"], [*hidden(PASSWORD), *hidden(PASSWORD)]),
    "dialog": (["dialog", "--inputbox", "a name", "10", "40"], [*"pump", BACKSPACE, *"p two", LEFT, *"xy", TAB, ENTER]),
    "dialog-password": (["dialog", "--passwordbox", "a password", "10", "40"], [*(SECRET + key for key in PASSWORD), TAB, ENTER]),
    "mc": (["mc", "-d"], [1.0, *typed("echo in mc"), DOWN, DOWN, RIGHT, *typed("exit")]),
    "gdb": (["gdb", "-q"], [*typed("print 1+1"), *"help li", TAB, ENTER, "q", *typed("quit")]),
    "node": (["node"], [*typed("1 + 1"), *typed("'abc'.length"), *"[1,2].ma", TAB, *typed("p(x => x * 2)"), *typed(".exit")]),
    "readline-vi": (["bash", "--norc", "-o", "vi"], [*"echo hello", ESC, *"bb", "i", *"x", ESC, "A", *typed(" end"), *typed("exit")]),
}
