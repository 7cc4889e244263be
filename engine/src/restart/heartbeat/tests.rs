//! What counts as a sign of life, and above all what does not.

use proptest::prelude::*;

use super::*;

const NONCE: Nonce = [7; 16];
const NEXT: Nonce = [8; 16];

fn key() -> Key {
    Key::new(b"0123456789abcdef")
}

fn process(pid: u32) -> Process {
    Process {
        boot: *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
        pid,
        start_ticks: 98_765,
    }
}

fn heartbeat(session: u64, counter: u64, nonce: Nonce) -> Packet {
    let message = Message::Heartbeat {
        status: Status::Running,
        process: process(4321),
        session,
        counter,
        sent_ms: 1_790_000_000_123,
    };
    Packet { node: "web".to_owned(), nonce, message }
}

/// Feeds packets `session counter nonce` to a fresh window and says what became of each: `n` a new session, `.` another
/// one, `r` replayed, `u` unproven. Nonce `1` is that of the first ping, `2` that of the second, and so on; 0 is none.
#[track_caller]
fn check(packets: &[(u64, u64, u8)], expected: &str) {
    let (mut window, mut drawn) = (Window::new([1; 16]), 1);
    let mut judged = String::new();
    for &(session, counter, nonce) in packets {
        let admitted = window.admit(&heartbeat(session, counter, [nonce; 16]), || {
            drawn += 1;
            [drawn; 16]
        });
        judged.push(match admitted {
            Ok(Admitted { is_new: true, .. }) => 'n',
            Ok(_) => '.',
            Err(Refusal::Replayed) => 'r',
            Err(Refusal::Unproven) => 'u',
            Err(other) => panic!("{other}"),
        });
    }
    assert_eq!(judged, expected);
}

#[test]
fn a_sender_must_answer_a_ping_before_it_counts() {
    check(&[(9, 1, 0), (9, 2, 0), (9, 3, 1), (9, 4, 1), (9, 9, 1)], "uun..");
}

#[test]
fn a_packet_counts_once_and_an_earlier_one_never() {
    check(&[(9, 5, 1), (9, 5, 1), (9, 4, 1), (9, 6, 1), (9, 6, 1)], "nrr.r");
}

#[test]
fn a_recording_of_an_earlier_session_stays_refused() {
    // The second session answers the second ping; all that the first ever said carries the first nonce or none.
    check(&[(9, 1, 1), (9, 2, 1), (5, 1, 0), (5, 2, 2), (9, 3, 1), (9, 4, 2), (5, 3, 2)], "n.unuu.");
}

#[test]
fn a_recording_says_nothing_to_a_watchdog_that_has_just_started() {
    let mut window = Window::new(NONCE);
    let refused =
        (1..100).all(|counter| window.admit(&heartbeat(9, counter, NEXT), || NEXT) == Err(Refusal::Unproven));
    assert!(refused);
}

#[test]
fn a_nonce_that_could_not_be_drawn_admits_nobody() {
    let mut window = Window::new(Nonce::default());
    assert_eq!(window.admit(&heartbeat(9, 1, Nonce::default()), || NEXT), Err(Refusal::Unproven));
}

#[test]
fn the_last_counter_is_the_last() {
    check(&[(9, u64::MAX, 1), (9, 0, 1), (9, u64::MAX, 1)], "nrr");
}

#[test]
fn a_client_is_admitted_after_one_ping() {
    let mut beat = Beat::new(key(), "web", process(1), 3);
    let mut window = Window::new(NONCE);
    let hear = |datagram: &[u8], window: &mut Window| {
        window.admit(&Packet::open(datagram, &key()).unwrap(), || NEXT)
    };
    assert_eq!(hear(&beat.next(Status::Starting, 0), &mut window), Err(Refusal::Unproven));
    let ping = |node: &str| Packet { node: node.to_owned(), nonce: NONCE, message: Message::Ping };
    assert!(!beat.heed(&ping("db").seal(&key())), "a ping for another");
    assert!(!beat.heed(&ping("web").seal(&Key::new(b"another key, of others"))), "a forged ping");
    assert!(beat.heed(&ping("web").seal(&key())));
    let admitted = hear(&beat.next(Status::Running, 0), &mut window).unwrap();
    assert!(admitted.is_new && admitted.answers);
    let admitted = hear(&beat.next(Status::Running, 0), &mut window).unwrap();
    assert!(!admitted.is_new && !admitted.answers);
    let ping = Packet { node: "web".to_owned(), nonce: NONCE, message: Message::Ping };
    assert_eq!(window.admit(&ping, || NEXT), Err(Refusal::Content));
}

/// Sealed by Python's `struct` and `hmac`, as PACKET.md shows.
const VECTORS: &str = include_str!("PACKET.md");

fn vector(name: &str) -> Vec<u8> {
    let at = VECTORS.find(&format!("\n{name}:\n")).expect("the vector stands in PACKET.md") + name.len() + 3;
    let digits: String = VECTORS[at..].split("\n\n").next().unwrap().split_whitespace().collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16);
    (0..digits.len()).step_by(2).map_while(|at| byte(at).ok()).collect()
}

#[test]
fn the_documented_vectors_are_ours() {
    assert_eq!(vector("heartbeat"), heartbeat(0x0123_4567_89ab_cdef, 42, NONCE).seal(&key()));
    let ping = Packet { node: "web".to_owned(), nonce: NONCE, message: Message::Ping };
    assert_eq!(vector("ping"), ping.seal(&key()));
    assert_eq!(Packet::open(&vector("ping"), &key()), Ok(ping));
}

#[test]
fn what_is_sealed_must_be_well_formed() {
    let named = |node: &str| Packet { node: node.to_owned(), ..heartbeat(1, 1, NONCE) };
    assert_eq!(Packet::open(&named("a\nb").seal(&key()), &key()), Err(Refusal::Content));
    assert_eq!(Packet::open(&named("").seal(&key()), &key()), Err(Refusal::Length));
    let long = Packet::open(&named(&"x".repeat(200)).seal(&key()), &key()).unwrap();
    assert_eq!(long.node, "x".repeat(LONGEST_NAME));
}

#[test]
fn a_key_is_not_shown() {
    assert_eq!(format!("{:?}", key()), "Key(not shown)");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Packet::open(&bytes, &key()).is_err());
        let behind = [b"HEBE\x01".as_slice(), &bytes].concat();
        prop_assert!(Packet::open(&behind, &key()).is_err());
    }

    #[test]
    fn sealed_bytes_of_any_content_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 71..134)) {
        let mut sealed = [b"HEBE\x01\x01".as_slice(), &bytes].concat();
        sealed[7] = u8::try_from(sealed.len().saturating_sub(76)).unwrap();
        key().seal(&mut sealed);
        let _ = Packet::open(&sealed, &key());
    }

    #[test]
    fn what_is_sealed_is_read(node in "[a-z0-9._@-]{1,100}", session: u64, counter: u64, pid: u32, sent_ms: u64, nonce: Nonce) {
        let message = Message::Heartbeat { status: Status::Degraded, process: process(pid), session, counter, sent_ms };
        let packet = Packet { node, nonce, message };
        prop_assert_eq!(Packet::open(&packet.seal(&key()), &key()), Ok(packet));
    }

    #[test]
    fn any_flipped_bit_is_refused(session: u64, counter: u64, bit in 0_usize..(76 + 3 + 32) * 8) {
        let mut sealed = heartbeat(session, counter, NONCE).seal(&key());
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Packet::open(&sealed, &key()).is_err());
    }

    #[test]
    fn a_cut_packet_is_refused(cut in 0_usize..111) {
        let sealed = heartbeat(1, 2, NONCE).seal(&key());
        prop_assert!(Packet::open(&sealed[..cut], &key()).is_err());
    }

    #[test]
    fn no_order_of_replays_counts_twice(counters in proptest::collection::vec(0_u64..50, 1..200)) {
        let mut window = Window::new(NONCE);
        let mut admitted = Vec::new();
        for counter in counters {
            if window.admit(&heartbeat(1, counter, NONCE), || NEXT).is_ok() {
                admitted.push(counter);
            }
        }
        prop_assert!(admitted.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", admitted);
    }
}
