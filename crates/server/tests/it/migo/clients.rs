//! What well-known kinds of clients put on the wire, byte for byte, to the sandbox and to a server in front of it.
//!
//! The requests are written out as those programs send them, order and spelling of their headers included, because a
//! server that is stricter than MIGO's would refuse them. Only the host differs.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::parity::Pair;

/// A PHP application with Guzzle 7: v1, JSON.
fn guzzle(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: {}\r\nUser-Agent: GuzzleHttp/7\r\n\
         Content-Type: application/json\r\nAccept: application/json\r\n\r\n{body}",
        body.len()
    )
}

/// A page in a browser with axios, served by the same host: v1, urlencoded.
fn axios(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {{host}}\r\nConnection: keep-alive\r\nContent-Length: {}\r\n\
         sec-ch-ua-platform: \"Windows\"\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
         (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\nAccept: application/json, text/plain, */*\r\n\
         sec-ch-ua: \"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"\r\n\
         Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\nsec-ch-ua-mobile: ?0\r\n\
         Origin: http://{{host}}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\
         Referer: http://{{host}}/clientes\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
         Accept-Language: es-PE,es;q=0.9\r\nCookie: XSRF-TOKEN=abc; laravel_session=def\r\n\r\n{body}",
        body.len()
    )
}

/// PHP's own curl with an array of fields: v1, multipart.
fn php_curl(path: &str, fields: &[(&str, &str)]) -> String {
    let boundary = "------------------------d74496d66958873e";
    let part = |(name, text): &(&str, &str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = fields.iter().map(part).chain([format!("--{boundary}--\r\n")]).collect::<String>();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {{host}}\r\nAccept: */*\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n{body}",
        body.len()
    )
}

/// curl: v2, Bearer.
fn curl(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {{host}}\r\nUser-Agent: curl/7.88.1\r\nAccept: application/json\r\n\
         Authorization: Bearer 0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ\r\n\r\n"
    )
}

/// Status, type and body of the answer to these bytes.
async fn exchange(base: &str, request: &str) -> String {
    let host = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.replace("{host}", host).as_bytes()).await.unwrap();
    let mut received = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&received).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length").expect("a length is given").parse().unwrap();
            if body.len() >= length {
                let status = head.split(' ').nth(1).unwrap();
                return format!("{status} {} {body}", header("content-type").unwrap());
            }
        }
        let mut piece = vec![0; 16 * 1024];
        let n_bytes = stream.read(&mut piece).await.unwrap();
        assert!(n_bytes > 0, "the connection ended early: {text}");
        received.extend_from_slice(&piece[..n_bytes]);
    }
}

#[tokio::test]
async fn three_clients_that_know_nothing_of_chasqui_get_migos_bytes() {
    let token = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ";
    let pair = Pair::start().await;
    let sandbox = pair.sandbox.base_url();
    let requests = [
        guzzle("/api/v1/ruc", &format!(r#"{{"token":"{token}","ruc":"20131312955"}}"#)),
        guzzle("/api/v1/ruc", &format!(r#"{{"token":"{token}","ruc":"20000000001"}}"#)),
        guzzle("/api/v1/ruc/collection", &format!(r#"{{"token":"{token}","ruc":["20131312955","20000000001"]}}"#)),
        guzzle("/api/v1/dni", &format!(r#"{{"token":"{token}","dni":"10117410"}}"#)),
        guzzle("/api/v1/exchange/latest", &format!(r#"{{"token":"{token}"}}"#)),
        guzzle("/api/v1/exchange/date", &format!(r#"{{"token":"{token}","fecha":"2024-07-28"}}"#)),
        guzzle("/api/v1/ruc/", "{}"),
        axios("/api/v1/ruc", &format!("token={token}&ruc=20131312955")),
        axios("/api/v1/ruc/", &format!("token={token}&ruc=2013131295")),
        axios("/api/v1/dni/", &format!("token={token}&dni=10117410")),
        axios("/api/v1/ruc/collection", &format!("token={token}&ruc%5B%5D=20131312955&ruc%5B%5D=20000000001")),
        axios("/api/v1/exchange", &format!("token={token}&fecha_inicio=2019-11-18&fecha_fin=2019-11-25")),
        php_curl("/api/v1/ruc", &[("token", token), ("ruc", "20131312955")]),
        php_curl("/api/v1/ruc/representantes-legales", &[("token", token), ("ruc", "20131312955")]),
        curl("/api/v2/ruc/20131312955"),
        curl("/api/v2/ruc/20000000001"),
        curl("/api/v2/dni/10117410"),
        curl("/api/v2/tipo-cambio/sunat?fecha=2024-07-28"),
        curl("/api/v2/tipo-cambio/sunat/ultimo"),
        curl("/api/v1/ruc/20131312955"),
    ];
    for request in requests {
        let theirs = exchange(&sandbox, &request).await;
        let ours = exchange(&pair.server, &request).await;
        assert_eq!(ours, theirs, "{request}");
        // And once more, out of memory.
        assert_eq!(exchange(&pair.server, &request).await, theirs, "{request}");
    }
    pair.stop().await;
}
