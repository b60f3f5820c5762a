//! What an operator types: each command as it is run, its words and how it ends.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use store::{DatabaseUrl, Store, StoreError};

/// What a command said.
#[derive(Debug)]
struct Told {
    done: bool,
    out: String,
    wrong: String,
}

impl Told {
    #[track_caller]
    fn done(self) -> String {
        assert!(self.done, "{self:?}");
        self.out
    }

    #[track_caller]
    fn refused(self) -> String {
        assert!(!self.done, "{self:?}");
        self.wrong
    }
}

fn ledgerboard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerboard"));
    // Nothing of the machine that the test runs on.
    command.env_clear().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(mut command: Command, typed: &str) -> Told {
    let mut running = command.spawn().unwrap();
    // A command that asks nothing may be over already.
    let _ = running.stdin.take().unwrap().write_all(typed.as_bytes());
    let ended = running.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Told { done: ended.status.success(), out: text(&ended.stdout), wrong: text(&ended.stderr) }
}

/// On a database, given as a setting.
fn on(file: &Path, arguments: &[&str], typed: &str) -> Told {
    let mut command = ledgerboard(arguments);
    command.env("LEDGERBOARD_DATABASE_URL", file);
    run(command, typed)
}

#[test]
fn an_installation_is_set_up_seeded_and_looked_after() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledgerboard.db");
    assert!(on(&file, &["migrate"], "").done().contains("applied 0001_companies"));
    assert_eq!(on(&file, &["migrate"], "").done(), "The database is up to date.\n");
    let seed = ["seed", "--projects", "2", "--cors", "20"];
    assert!(on(&file, &seed, "").refused().contains("Run `ledgerboard setup` first"));
    let owner =
        ["setup", "--company", "Whitfield", "--office", "Portland", "--name", "Ruth", "--email", "ruth@w.example"];
    let weak = on(&file, &owner, "short\n").refused();
    assert!(weak.contains("password: "), "{weak}");
    assert!(on(&file, &owner, "a long enough one\n").done().contains("Start `ledgerboard serve` and sign in."));
    on(&file, &owner, "a long enough one\n").refused();
    assert!(on(&file, &seed, "").done().starts_with("Seeded 20 CORs in 2 projects in "));
    let reset = on(&file, &["reset-password", "ruth@w.example"], "quite another one\n").done();
    assert_eq!(
        reset,
        "ruth@w.example has a new password and is signed out everywhere; their API tokens are revoked.\n"
    );
    on(&file, &["reset-password", "nobody@w.example"], "quite another one\n").refused();
    let doctor = on(&file, &["doctor"], "").done();
    assert!(doctor.contains("Pushes set aside: 0"), "{doctor}");
    let nothing = on(&file, &["doctor", "--put-back", "00000000-0000-7000-8000-000000000000"], "").refused();
    assert!(nothing.contains("is not set aside"), "{nothing}");
    let nobody = on(&file, &["doctor", "--go-on", "598134325"], "").refused();
    assert!(nobody.contains("Procore account 598134325 is not paused"), "{nobody}");
    change(&file, "UPDATE log_row SET procore_key = 99 WHERE cor_id = (SELECT MIN(cor_id) FROM log_row)");
    change(
        &file,
        "INSERT INTO rate_account (client_id, procore_company_id, blocked_until, quiet_until, bulk_until, request_us) \
         VALUES ('app', 598134325, 4102444800000000, 0, 0, 0)",
    );
    let damaged = on(&file, &["doctor"], "");
    assert!(damaged.out.contains("unreadable: log_row "), "{damaged:?}");
    assert!(!damaged.out.contains("is paused until"), "no wait of years is one: {damaged:?}");
    let wrong = damaged.refused();
    assert!(wrong.contains("0 set aside, ") && wrong.contains("--put-back ID"), "{wrong}");
}

/// Changes the database behind the product's back.
fn change(file: &Path, sql: &'static str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&DatabaseUrl::Sqlite(file.to_owned())).await.unwrap();
        let changed: Result<u64, StoreError> = store.write(move |tx| tx.exec(sql, &[])).await;
        assert!(changed.unwrap() > 0);
    });
}

#[test]
fn a_wrong_setting_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledgerboard.db");
    let key = "5a".repeat(32);
    let right = [
        ("LEDGERBOARD_DATABASE_URL", file.to_str().unwrap()),
        ("LEDGERBOARD_PUBLIC_URL", "https://ledgerboard.example.com"),
        ("LEDGERBOARD_KEY", key.as_str()),
        ("LEDGERBOARD_PROCORE_CLIENT_ID", "client"),
        ("LEDGERBOARD_PROCORE_CLIENT_SECRET", "secret"),
    ];
    let with = |name: &str, value: Option<&str>| {
        let mut command = ledgerboard(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(right.iter().filter(|(other, _)| *other != name).copied());
        if let Some(value) = value {
            command.env(name, value);
        }
        run(command, "").refused()
    };
    for (name, value, remedy) in [
        ("LEDGERBOARD_PUBLIC_URL", None, "Give the address people use"),
        ("LEDGERBOARD_PUBLIC_URL", Some("http://ledgerboard.example.com"), "use https"),
        ("LEDGERBOARD_KEY", None, "openssl rand -hex 32"),
        ("LEDGERBOARD_KEY", Some("too short"), "64 hexadecimal digits"),
        ("LEDGERBOARD_PROCORE_CLIENT_ID", None, "Register an app"),
        ("LEDGERBOARD_PROCORE_CLIENT_SECRET", None, "Register an app"),
        ("LEDGERBOARD_PROCORE", Some("elsewhere"), "must be production, sandbox"),
        ("LEDGERBOARD_PROCORE_TIMEOUT", Some("120"), "less than LEDGERBOARD_PUSH_QUARANTINE"),
        ("LEDGERBOARD_PUSH_QUARANTINE", Some("soon"), "such as 30 or 0.5"),
        ("LEDGERBOARD_DATABASE_URL", Some("/nowhere/to/be/found.db"), "cannot make the database"),
    ] {
        let said = with(name, value);
        let flag = name.trim_start_matches("LEDGERBOARD_").to_ascii_lowercase().replace('_', "-");
        assert!(said.contains(name) || said.contains(&format!("--{flag}")), "{name}: {said}");
        assert!(said.contains(remedy), "{name}: {said}");
        assert!(!said.contains("secret") && !said.contains(&key), "no secret is repeated: {said}");
    }
}

#[test]
fn the_record_is_checked_and_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, file) = (folder.path().to_str().unwrap(), folder.path().join("ledgerboard.db"));
    let mut demo = ledgerboard(&["demo", "--listen", "127.0.0.1:0", "--dir", dir]).spawn().unwrap();
    let said = BufReader::new(demo.stdout.take().unwrap()).lines();
    let ready = said.map(Result::unwrap).any(|line| line.contains("Ctrl-C"));
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(ready, "the demo pushed some CORs");

    let whole = on(&file, &["audit", "verify"], "").done();
    let line = whole.lines().find(|line| line.starts_with("Whitfield & Sons Construction: ")).unwrap();
    assert!(line.contains("entries, none changed. Head "), "{line}");
    let head = line.rsplit(' ').next().unwrap();
    assert!(on(&file, &["audit", "verify", "--head", head], "").done().contains(&format!("{head} is entry ")));
    let other = "0".repeat(64);
    let cut = on(&file, &["audit", "verify", "--head", &other], "");
    assert!(cut.out.contains("was cut off or rewritten"), "{cut:?}");
    cut.refused();

    let company = ["audit", "export", "--company", "Whitfield & Sons Construction"];
    let lines = on(&file, &company, "").done();
    assert!(lines.lines().count() > 5 && lines.lines().all(|line| line.starts_with('{')), "{lines}");
    let table = on(&file, &[&company[..], &["--format", "csv"]].concat(), "").done();
    assert_eq!(table.lines().next().unwrap(), format!("\u{FEFF}{}", ledgerboard::record::CSV_HEADINGS.trim_end()));
    let nobody = on(&file, &["audit", "export", "--company", "Nobody"], "").refused();
    assert!(nobody.contains("there is no company Nobody"), "{nobody}");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&DatabaseUrl::Sqlite(file.clone())).await.unwrap();
        let tampered: Result<(), StoreError> = store
            .write(|tx| {
                tx.exec("DROP TRIGGER audit_record_stays", &[])?;
                tx.exec("UPDATE audit_record SET told = told || ' ' WHERE seq = 2", &[])?;
                Ok(())
            })
            .await;
        tampered.unwrap();
    });
    assert!(on(&file, &["audit", "verify"], "").refused().contains("the record was tampered with: "));
}

/// The product on a database that was set up, logging all that it and its libraries say.
struct Server {
    running: Child,
    address: String,
    log: std::thread::JoinHandle<String>,
}

impl Server {
    fn start(file: &Path) -> Self {
        let owner =
            ["setup", "--company", "Whitfield", "--office", "Portland", "--name", "Ruth", "--email", "ruth@w.example"];
        on(file, &owner, "harbor-point-at-dawn\n").done();
        let mut command = ledgerboard(&["serve", "--listen", "127.0.0.1:0", "--no-worker"]);
        command.stdout(Stdio::null()).envs([
            ("LEDGERBOARD_LOG", "trace"),
            ("LEDGERBOARD_DATABASE_URL", file.to_str().unwrap()),
            ("LEDGERBOARD_PUBLIC_URL", "http://127.0.0.1:8080"),
            ("LEDGERBOARD_KEY", &"5a".repeat(32)),
            ("LEDGERBOARD_PROCORE_CLIENT_ID", "client"),
            ("LEDGERBOARD_PROCORE_CLIENT_SECRET", "secret-of-the-app"),
        ]);
        let mut running = command.spawn().unwrap();
        let mut lines = BufReader::new(running.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().expect("it serves").unwrap();
            said.push_str(&line);
            if let Some((_, rest)) = line.split_once(r#""listen":""#) {
                break rest.split('"').next().unwrap().to_owned();
            }
        };
        let log = std::thread::spawn(move || lines.map_while(Result::ok).fold(said, |all, line| all + "\n" + &line));
        Self { running, address, log }
    }

    /// All that comes back for these bytes on a new connection.
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// All that it logged until it was stopped.
    fn stop(mut self) -> String {
        self.running.kill().unwrap();
        self.running.wait().unwrap();
        self.log.join().unwrap()
    }
}

#[test]
fn no_secret_is_logged_however_much_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("ledgerboard.db"));
    let ask = |method: &str, path: &str, headers: &str, body: &str| {
        let length = body.len();
        server.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    };
    let link = "iNvItAtIoN-0123456789abcdefghijklmnopqrstuv";
    for method in ["GET", "HEAD", "POST"] {
        ask(method, &format!("/invitations/{link}"), "", "");
    }
    let made_up = "lb_0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
    ask("GET", "/api/v1/projects", &format!("Authorization: Bearer {made_up}\r\n"), "");
    let entered = ask("POST", "/sign-in", "", "email=ruth%40w.example&password=harbor-point-at-dawn");
    let session = entered.split("ledgerboard=").nth(1).expect("signed in").split(';').next().unwrap().to_owned();
    assert!(session.len() > 20, "{entered}");
    let cookie = format!("Cookie: ledgerboard={session}\r\n");
    let made = ask("POST", "/settings/tokens", &cookie, "name=Export&days=365");
    // The page that follows shows it once, from a sealed notice.
    let notice: Vec<&str> =
        made.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).collect();
    let shown =
        ask("GET", "/settings/tokens", &format!("Cookie: ledgerboard={session}; {}\r\n", notice.join("; ")), "");
    let token = shown.split("lb_").nth(1).expect("a token").split(['<', '"']).next().unwrap().to_owned();
    ask("GET", "/api/v1/projects", &format!("Authorization: Bearer lb_{token}\r\n"), "");
    let log = server.stop();
    assert!(log.contains("serving"), "{log}");
    for secret in [link, made_up, "harbor-point-at-dawn", &session, &token, "secret-of-the-app", &"5a".repeat(32)] {
        let said: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(said.is_empty(), "{secret} is logged: {said:?}");
    }
}

#[test]
fn a_request_that_follows_a_refusal_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("ledgerboard.db"));
    // A client keeps its connection unless it is told that it ends: bodies small and large, whole and still on their way.
    let mut answered = 0;
    for round in 0..200 {
        let body = "x".repeat(if round % 2 == 0 { 20 } else { 60_000 });
        let length = body.len();
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        for turn in ["POST", "GET"] {
            let request = match turn {
                "POST" => format!(
                    "POST /api/v1/projects/0/cors HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                ),
                _ => "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n".to_owned(),
            };
            // A server that refused may close while the body is still being sent.
            let _ = stream.write_all(request.as_bytes());
            let head = head_of_answer(&mut stream);
            assert!(head.starts_with(if turn == "POST" { "HTTP/1.1 401" } else { "HTTP/1.1 200" }), "{round}: {head}");
            answered += 1;
            if head.to_ascii_lowercase().contains("connection: close") {
                stream = TcpStream::connect(&server.address).unwrap();
            }
        }
    }
    assert_eq!(answered, 400);
    server.stop();
}

/// Reads one answer, and gives its head.
fn head_of_answer(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).unwrap();
        if read == 0 || line == "\r\n" {
            break;
        }
        if let Some(given) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    head
}
