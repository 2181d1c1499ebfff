//! MessagePack token by token. What is read comes from outside: a length or a count is believed only as far as there are
//! bytes for it, and nothing is allocated for it.

/// One scalar, or the head of an array or a map. `End` is no token: the bytes are over, cut short, or the byte 0xc1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    End,
    Nil,
    Bool(bool),
    Uint(u64),
    /// below zero; all others are `Uint`
    Int(i64),
    Float(f64),
    Str(&'a [u8]),
    Bin,
    Ext,
    Array(u32),
    Map(u32),
}

#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Sized {
    Str,
    Bin,
    Ext,
    Array,
    Map,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The `size` bytes of a number behind the tag.
    fn number(&self, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(self.at + 1..self.at + 1 + size)?;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn one(&mut self, token: Token<'a>) -> Token<'a> {
        self.at += 1;
        token
    }

    /// What has a length or a count, which stands in the `head` bytes.
    fn sized(&mut self, kind: Sized, head: usize, count: u64) -> Token<'a> {
        if self.left() < head {
            return Token::End;
        }
        let left = (self.left() - head) as u64;
        let least = match kind {
            Sized::Map => 2 * count,
            _ => count,
        };
        if least > left {
            return Token::End;
        }
        let start = self.at + head;
        self.at = start;
        if kind != Sized::Array && kind != Sized::Map {
            self.at += count as usize;
        }
        match kind {
            Sized::Str => Token::Str(&self.bytes[start..self.at]),
            Sized::Bin => Token::Bin,
            Sized::Ext => Token::Ext,
            Sized::Array => Token::Array(count as u32),
            Sized::Map => Token::Map(count as u32),
        }
    }

    fn long(&mut self, kind: Sized, size: usize) -> Token<'a> {
        match self.number(size) {
            None => Token::End,
            Some(count) => self.sized(kind, 1 + size + usize::from(kind == Sized::Ext), count),
        }
    }

    fn numeric(&mut self, size: usize, make: impl Fn(u64) -> Token<'a>) -> Token<'a> {
        match self.number(size) {
            None => Token::End,
            Some(bits) => {
                self.at += 1 + size;
                make(bits)
            }
        }
    }

    /// Reads one token. After `End` the reader stands where it stood.
    pub fn next(&mut self) -> Token<'a> {
        let Some(&tag) = self.bytes.get(self.at) else {
            return Token::End;
        };
        match tag {
            0x00..=0x7f => self.one(Token::Uint(u64::from(tag))),
            0x80..=0x8f => self.sized(Sized::Map, 1, u64::from(tag & 0x0f)),
            0x90..=0x9f => self.sized(Sized::Array, 1, u64::from(tag & 0x0f)),
            0xa0..=0xbf => self.sized(Sized::Str, 1, u64::from(tag & 0x1f)),
            0xc0 => self.one(Token::Nil),
            0xc1 => Token::End,
            0xc2 | 0xc3 => self.one(Token::Bool(tag == 0xc3)),
            0xc4..=0xc6 => self.long(Sized::Bin, 1 << (tag - 0xc4)),
            0xc7..=0xc9 => self.long(Sized::Ext, 1 << (tag - 0xc7)),
            0xca => self.numeric(4, |bits| Token::Float(f64::from(f32::from_bits(bits as u32)))),
            0xcb => self.numeric(8, |bits| Token::Float(f64::from_bits(bits))),
            0xcc..=0xcf => self.numeric(1 << (tag - 0xcc), Token::Uint),
            0xd0..=0xd3 => {
                let size = 1usize << (tag - 0xd0);
                let unused = 64 - 8 * size as u32;
                self.numeric(size, move |bits| signed(((bits << unused) as i64) >> unused))
            }
            0xd4..=0xd8 => self.sized(Sized::Ext, 2, 1 << (tag - 0xd4)),
            0xd9..=0xdb => self.long(Sized::Str, 1 << (tag - 0xd9)),
            0xdc..=0xdd => self.long(Sized::Array, 2 << (tag - 0xdc)),
            0xde..=0xdf => self.long(Sized::Map, 2 << (tag - 0xde)),
            0xe0..=0xff => self.one(Token::Int(i64::from(tag as i8))),
        }
    }

    /// Steps over one whole value, however deep; false where it cannot be read to its end.
    pub fn skip(&mut self) -> bool {
        let mut wanted: u64 = 1;
        while wanted > 0 {
            match self.next() {
                Token::End => return false,
                Token::Array(count) => wanted += u64::from(count),
                Token::Map(count) => wanted += 2 * u64::from(count),
                _ => {}
            }
            wanted -= 1;
        }
        true
    }

    pub fn array(&mut self) -> Option<u32> {
        match self.next() {
            Token::Array(count) => Some(count),
            _ => None,
        }
    }

    pub fn uint(&mut self) -> Option<u64> {
        match self.next() {
            Token::Uint(value) => Some(value),
            _ => None,
        }
    }

    pub fn str(&mut self) -> Option<&'a str> {
        match self.next() {
            Token::Str(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

fn signed<'a>(value: i64) -> Token<'a> {
    match u64::try_from(value) {
        Ok(value) => Token::Uint(value),
        Err(_) => Token::Int(value),
    }
}

/// Writes tokens in their shortest form.
pub(crate) trait Write {
    fn put_nil(&mut self);
    fn put_bool(&mut self, value: bool);
    fn put_uint(&mut self, value: u64);
    fn put_int(&mut self, value: i64);
    fn put_float(&mut self, value: f64);
    fn put_str(&mut self, value: &str);
    fn put_bin(&mut self, value: &[u8]);
    fn put_array(&mut self, count: usize);
    fn put_map(&mut self, pairs: usize);
}

/// The tag that fits the number's size, and its bytes: tags[0] for one byte, [1] for two, [2] for four, [3] for eight.
fn put_number(out: &mut Vec<u8>, tags: [u8; 4], value: u64) {
    let bytes = value.to_be_bytes();
    let size = match value {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xffff_ffff => 2,
        _ => 3,
    };
    out.push(tags[size]);
    out.extend_from_slice(&bytes[8 - (1 << size)..]);
}

impl Write for Vec<u8> {
    fn put_nil(&mut self) {
        self.push(0xc0);
    }

    fn put_bool(&mut self, value: bool) {
        self.push(0xc2 | u8::from(value));
    }

    fn put_uint(&mut self, value: u64) {
        if value < 0x80 {
            self.push(value as u8);
        } else {
            put_number(self, [0xcc, 0xcd, 0xce, 0xcf], value);
        }
    }

    fn put_int(&mut self, value: i64) {
        match value {
            0.. => self.put_uint(value as u64),
            -32..=-1 => self.push(value as u8),
            -0x80..=-33 => self.extend_from_slice(&[0xd0, value as u8]),
            -0x8000..=-0x81 => {
                self.push(0xd1);
                self.extend_from_slice(&(value as i16).to_be_bytes());
            }
            -0x8000_0000..=-0x8001 => {
                self.push(0xd2);
                self.extend_from_slice(&(value as i32).to_be_bytes());
            }
            _ => {
                self.push(0xd3);
                self.extend_from_slice(&value.to_be_bytes());
            }
        }
    }

    fn put_float(&mut self, value: f64) {
        self.push(0xcb);
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_str(&mut self, value: &str) {
        if value.len() < 32 {
            self.push(0xa0 | value.len() as u8);
        } else {
            put_number(self, [0xd9, 0xda, 0xdb, 0xdb], value.len() as u64);
        }
        self.extend_from_slice(value.as_bytes());
    }

    fn put_bin(&mut self, value: &[u8]) {
        put_number(self, [0xc4, 0xc5, 0xc6, 0xc6], value.len() as u64);
        self.extend_from_slice(value);
    }

    fn put_array(&mut self, count: usize) {
        put_items(self, 0x90, 0xdc, count);
    }

    fn put_map(&mut self, pairs: usize) {
        put_items(self, 0x80, 0xde, pairs);
    }
}

fn put_items(out: &mut Vec<u8>, short: u8, long: u8, count: usize) {
    if count < 16 {
        out.push(short | count as u8);
    } else if let Ok(count) = u16::try_from(count) {
        out.push(long);
        out.extend_from_slice(&count.to_be_bytes());
    } else {
        out.push(long + 1);
        out.extend_from_slice(&(count as u32).to_be_bytes());
    }
}
