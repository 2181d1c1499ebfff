//! Times of PROTOCOL.md section 1.2, and the calendar.

fn digits(text: &[u8], at: usize, count: usize) -> Option<u32> {
    let mut value = 0;
    for byte in text.get(at..at + count)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(byte - b'0');
    }
    Some(value)
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Whether the text is a time that an event may carry.
pub(crate) fn is_time(text: &[u8]) -> bool {
    check(text).is_some()
}

fn check(text: &[u8]) -> Option<()> {
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if punctuation.iter().any(|(at, byte)| text.get(*at) != Some(byte)) {
        return None;
    }
    let (year, month, day) = (digits(text, 0, 4)?, digits(text, 5, 2)?, digits(text, 8, 2)?);
    let (hour, minute, second) = (digits(text, 11, 2)?, digits(text, 14, 2)?, digits(text, 17, 2)?);
    if day < 1 || day > days_of(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = &text[19..];
    if rest.first() == Some(&b'.') {
        let count = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        rest = &rest[1 + count..];
    }
    let offset = offset_of(rest)?;
    let utc = (hour as i32 * 60 + minute as i32 - offset).rem_euclid(1440);
    (second < 60 || utc == 1439).then_some(())
}

/// Z or +hh:mm, in minutes.
fn offset_of(text: &[u8]) -> Option<i32> {
    if text == b"Z" {
        return Some(0);
    }
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(text, 1, 2)?, digits(text, 4, 2)?);
    let is_good = text.len() == 6 && text[3] == b':' && hours <= 23 && minutes <= 59;
    is_good.then_some(sign * (hours * 60 + minutes) as i32)
}

/// Microseconds since 1970 as the broker writes them: `2026-11-21T00:30:00.125000Z`.
pub fn format_us(us: u64) -> String {
    let us = us.min(253_402_300_799_999_999);
    let (seconds, micros) = (us / 1_000_000, us % 1_000_000);
    let (days, second) = (seconds / 86400, seconds % 86400);
    // civil_from_days: years that begin in March, so that a leap day is the last of its year
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = era * 400 + year_of_era + u64::from(month < 3);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// This moment, as events carry it.
pub fn now() -> String {
    format_us(now_us())
}

pub(crate) fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map(|d| d.as_micros() as u64).unwrap_or(0)
}
