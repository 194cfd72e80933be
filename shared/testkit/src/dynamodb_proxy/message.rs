use std::io::{self, BufRead, Read as _};

/// Heads are a signature and a few names.
const MAX_HEAD: usize = 64 * 1024;
/// DynamoDB takes 4 MB a transaction and gives 16 MB a batch.
const MAX_BODY: u64 = 32 * 1024 * 1024;

/// A request or an answer, as it came.
#[derive(Debug)]
pub(super) struct Message {
    /// First line and headers, up to the empty line.
    head: String,
    pub(super) body: Vec<u8>,
    /// Nothing said how long the body is: it went on to the end of the connection.
    until_end: bool,
}

impl Message {
    pub(super) fn new(head: String, body: String) -> Self {
        Self { head, body: body.into_bytes(), until_end: false }
    }

    /// The next message; none when the other side is done.
    pub(super) fn read(connection: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let line = connection.take(MAX_HEAD as u64).read_until(b'\n', &mut head)?;
            match (line, head.is_empty()) {
                (0, true) => return Ok(None),
                (0, false) => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ if head.len() > MAX_HEAD => return Err(io::ErrorKind::InvalidData.into()),
                _ => {}
            }
        }
        let head = String::from_utf8(head).map_err(|_| io::ErrorKind::InvalidData)?;
        let mut message = Self { head, body: Vec::new(), until_end: false };
        message.read_body(connection)?;
        Ok(Some(message))
    }

    fn read_body(&mut self, connection: &mut impl BufRead) -> io::Result<()> {
        if self.header("transfer-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked")) {
            return self.read_chunks(connection);
        }
        let length = match self.header("content-length") {
            Some(length) => length.parse().map_err(|_| io::ErrorKind::InvalidData)?,
            None if self.is_answer() => {
                self.until_end = true;
                MAX_BODY
            }
            None => 0,
        };
        if length > MAX_BODY {
            return Err(io::ErrorKind::InvalidData.into());
        }
        connection.take(length).read_to_end(&mut self.body)?;
        if !self.until_end && self.body.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Chunks are kept as they came: they go on the same way.
    fn read_chunks(&mut self, connection: &mut impl BufRead) -> io::Result<()> {
        loop {
            let start = self.body.len();
            connection.take(MAX_HEAD as u64).read_until(b'\n', &mut self.body)?;
            let size = std::str::from_utf8(&self.body[start..]).unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
            if size > MAX_BODY {
                return Err(io::ErrorKind::InvalidData.into());
            }
            // The chunk's own line end belongs to it.
            connection.take(size + 2).read_to_end(&mut self.body)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn is_answer(&self) -> bool {
        self.head.starts_with("HTTP/")
    }

    fn first_line(&self) -> impl Iterator<Item = &str> {
        self.head.lines().next().unwrap_or_default().split(' ')
    }

    pub(super) fn method(&self) -> &str {
        self.first_line().next().unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.first_line().nth(1).unwrap_or_default()
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut values = headers.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim());
        values.next()
    }

    /// DynamoDB's name for what is asked, such as `TransactWriteItems`.
    pub(super) fn operation(&self) -> &str {
        self.header("x-amz-target").and_then(|target| target.split_once('.')).map_or("", |(_, operation)| operation)
    }

    pub(super) fn ends_connection(&self) -> bool {
        self.until_end || self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// All of it, in one piece: two packets would wait for each other.
    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Message {
        Message::read(&mut text.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_request_passes_byte_by_byte() {
        let text = "POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\ncontent-length: 2\r\n\r\n{}";
        let request = read(text);
        assert_eq!(request.bytes(), text.as_bytes());
        assert_eq!((request.method(), request.path(), request.operation()), ("POST", "/", "GetItem"));
    }

    #[test]
    fn chunks_pass_as_they_came() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(read(text).bytes(), text.as_bytes());
    }

    #[test]
    fn the_next_message_starts_where_the_body_ends() {
        let mut two = "PUT /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\n\r\n".as_bytes();
        let paths = [(); 2].map(|()| Message::read(&mut two).unwrap().unwrap().path().to_owned());
        assert_eq!(paths, ["/a", "/b"]);
        assert!(Message::read(&mut two).unwrap().is_none());
    }

    #[test]
    fn an_answer_of_no_stated_length_ends_its_connection() {
        let answer = read("HTTP/1.0 200 OK\r\n\r\nall of it");
        assert!(answer.ends_connection());
        assert_eq!(answer.body, b"all of it");
    }

    #[test]
    fn half_a_message_is_an_error() {
        for text in ["POST / HT", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"] {
            assert!(Message::read(&mut text.as_bytes()).is_err(), "{text}");
        }
    }
}
