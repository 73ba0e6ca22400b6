//! The line dies while somebody types in vim, in a plain client and in a page beside it: the file is what was typed, and
//! the page's screen shows it.

use std::time::{Duration, Instant};

use crate::line::{ETHERNET_BYTES, Line};
use crate::page::Page;
use crate::site::{SOON, Site};
use crate::system::eventually;
use crate::system::shell::Shell;

const LINES: usize = 15;
const CUT: Duration = Duration::from_secs(5);
const VIM: &str = "vim -N -u NONE -n";
/// The last line but one of an empty file: vim stands.
const STANDS: &str = "\u{1b}[23;1H~";

fn poem() -> String {
    let lines = (0..LINES).map(|line| format!("line {line} of what is typed while the line is cut"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_is_typed_in_vim_over_a_cut_is_in_the_file_and_on_the_screen() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    let mut page = Page::open(&site).await;
    shell.command(&format!("{VIM} plain.txt"), STANDS).await;
    page.type_over(&format!("{VIM} page.txt\n"), Duration::ZERO).await;
    page.until("~", 0).await;

    let typed = poem();
    let keys = format!("i{typed}");
    site.line.set(|manners| manners.down = true);
    let plain = keys.replace('\n', "\r");
    let in_shell = async {
        for key in plain.as_bytes() {
            shell.type_bytes(&[*key]).await;
            tokio::time::sleep(CUT / plain.len() as u32).await;
        }
    };
    tokio::join!(in_shell, page.type_over(&keys, CUT));
    site.line.set(|manners| manners.down = false);
    shell.type_bytes(b"\x1b:w\r").await;
    page.type_over("\u{1b}:w\n", Duration::from_millis(500)).await;

    let home = site.world.target.home();
    for name in ["plain.txt", "page.txt"] {
        let file = home.join(name);
        let written = eventually("the file is written", || async {
            std::fs::read_to_string(&file).ok().filter(|text| !text.is_empty())
        })
        .await;
        assert_eq!(written, format!("{typed}\n"), "{name}");
    }
    let expected = typed.lines().map(str::to_owned).collect::<Vec<_>>();
    page.until("written", 0).await;
    // What vim said last may be gone: the page's own word left the window, and vim drew anew.
    let stands = |screen: &[String]| {
        let (above, below) = screen.split_at_checked(LINES).unwrap_or((screen, &[]));
        above == expected
            && below.iter().all(|line| line.is_empty() || line == "~" || line.contains("page.txt"))
    };
    let begun = Instant::now();
    while let screen = page.screen().await
        && !stands(&screen)
    {
        assert!(begun.elapsed() < SOON, "{screen:#?}");
    }
    eprintln!("{} keys typed in vim while the line was cut; the screen shows them all", keys.len());
    page.close().await;
    site.stop().await;
}
