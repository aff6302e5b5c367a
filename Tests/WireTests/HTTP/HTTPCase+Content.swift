/// What a request may have after its head, and after itself.
extension HTTPCase {
    static func length(_ name: String, _ value: String, _ expected: String) -> HTTPCase {
        HTTPCase(name, post: "Content-Length:\(value)\r\n", "hello", expected)
    }

    static let lengths: [HTTPCase] = [
        length("a length", " 5", "POST / length(5) | content hello | end | clean end"),
        length(
            "a length without a space",
            "5",
            "POST / length(5) | content hello | end | clean end"
        ),
        length(
            "a length with zeros before it",
            " 0005",
            "POST / length(5) | content hello | end | clean end"
        ),
        length(
            "a length with blanks around it",
            "\t 5 \t",
            "POST / length(5) | content hello | end | clean end"
        ),
        HTTPCase("a length of zero", post: "Content-Length: 0\r\n", "", none),
        HTTPCase(
            "a length with GET",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            "GET / length(2) | content hi | end | clean end"
        ),
        HTTPCase("no length and no content", post: "", "", none),
        length("a length with a plus", " +5", "content_length"),
        length("a length with a minus", " -5", "content_length"),
        length("a length in hex", " 0x5", "content_length"),
        length("a length with a point", " 5.0", "content_length"),
        length("a length with an exponent", " 5e0", "content_length"),
        length("a length with an underscore", " 1_0", "content_length"),
        length("a length with a space inside", " 1 0", "content_length"),
        length("a length with a comma", " 5,", "content_length"),
        length("a length that is a list of one value", " 5, 5", "content_length"),
        length("a length that is a list of two values", " 5, 6", "content_length"),
        length("a length in quotes", " \"5\"", "content_length"),
        length("an empty length", "", "content_length"),
        length("a length that is a word", " five", "content_length"),
        length("a length in other digits", " \u{0665}", "content_length"),
        length("a length of twenty digits too many", " 18446744073709551616", "content_length"),
        length("a length of many digits", " 99999999999999999999999999", "content_length"),
        length("the largest length", " 18446744073709551615", "content_too_large"),
        length("a length above the limit", " 65537", "content_too_large"),
        length("a length with a NUL", " 5\0", "control"),
        HTTPCase(
            "two lengths",
            post: "Content-Length: 5\r\nContent-Length: 6\r\n",
            "hello",
            "second_content_length"
        ),
        HTTPCase(
            "the same length twice",
            post: "Content-Length: 5\r\nContent-Length: 5\r\n",
            "hello",
            "second_content_length"
        ),
        HTTPCase(
            "two lengths in two cases",
            post: "Content-Length: 0\r\ncontent-length: 5\r\n",
            "hello",
            "second_content_length"
        ),
        HTTPCase(
            "two lengths of zero",
            post: "Content-Length: 0\r\nContent-Length: 0\r\n",
            "",
            "second_content_length"
        ),
        HTTPCase(
            "a length before a space and a colon",
            post: "Content-Length : 5\r\n",
            "hello",
            "space_before_colon"
        ),
        HTTPCase(
            "a length before a tab and a colon",
            post: "Content-Length\t: 5\r\n",
            "hello",
            "space_before_colon"
        ),
        HTTPCase(
            "a length on a folded line",
            post: "Content-Length:\r\n 5\r\n",
            "hello",
            "content_length"
        ),
        HTTPCase(
            "a length with an underscore in its name",
            post: "Content_Length: 5\r\n",
            "",
            none
        ),
        HTTPCase(
            "a length after a letter beyond ASCII",
            post: "Content-Length\u{A0}: 5\r\n",
            "hello",
            "field_name"
        ),
        HTTPCase(
            "content shorter than its length",
            post: "Content-Length: 9\r\n",
            "hello",
            "cut_off"
        ),
        HTTPCase(
            "content longer than its length",
            post: "Content-Length: 4\r\n",
            "hello",
            "cut_off"
        ),
    ]

    static func coding(_ name: String, _ value: String, _ expected: String) -> HTTPCase {
        HTTPCase(name, post: "Transfer-Encoding:\(value)\r\n", "0\r\n\r\n", expected)
    }

    static let empty = "POST / chunked | end | clean end"
    static let codings: [HTTPCase] = [
        coding("chunked", " chunked", empty),
        coding("chunked in upper case", " CHUNKED", empty),
        coding("chunked with blanks around it", "\t chunked \t", empty),
        coding("chunked with a comma", " chunked,", "transfer_coding"),
        coding("chunked after a comma", " ,chunked", "transfer_coding"),
        coding("chunked twice in a list", " chunked, chunked", "transfer_coding"),
        coding("chunked with a parameter", " chunked;q=1", "transfer_coding"),
        coding("chunked in quotes", " \"chunked\"", "transfer_coding"),
        coding("chunked misspelt", " xchunked", "transfer_coding"),
        coding("chunked cut short", " chunke", "transfer_coding"),
        coding("chunked after a vertical tab", " \u{B}chunked", "control"),
        coding("chunked after a form feed", " \u{C}chunked", "control"),
        coding("chunked before a NUL", " chunked\0", "control"),
        coding("chunked after a letter beyond ASCII", " \u{A0}chunked", "transfer_coding"),
        coding("gzip before chunked", " gzip, chunked", "transfer_coding"),
        coding("chunked before gzip", " chunked, gzip", "transfer_coding"),
        coding("chunked before identity", " chunked, identity", "transfer_coding"),
        coding("identity", " identity", "transfer_coding"),
        coding("a coding nobody knows", " cow", "transfer_coding"),
        coding("no coding in the field", "", "transfer_coding"),
        HTTPCase(
            "chunked in two fields",
            post: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "transfer_coding"
        ),
        HTTPCase(
            "chunked and then identity",
            post: "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "0\r\n\r\n",
            "transfer_coding"
        ),
        HTTPCase(
            "identity and then chunked",
            post: "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "transfer_coding"
        ),
        HTTPCase(
            "a length and a coding",
            post: "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "length_and_coding"
        ),
        HTTPCase(
            "a coding and a length",
            post: "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "0\r\n\r\n",
            "length_and_coding"
        ),
        HTTPCase(
            "a length of zero and a coding",
            post: "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "length_and_coding"
        ),
        HTTPCase(
            "a length, a field between, a coding",
            post: "Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "length_and_coding"
        ),
        HTTPCase(
            "a length and a coding misspelt",
            post: "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n",
            "hello",
            "length_and_coding"
        ),
        HTTPCase(
            "a coding before a space and a colon",
            post: "Transfer-Encoding : chunked\r\n",
            "0\r\n\r\n",
            "space_before_colon"
        ),
        HTTPCase(
            "a coding on a folded line",
            post: "Transfer-Encoding:\r\n chunked\r\n",
            "0\r\n\r\n",
            "transfer_coding"
        ),
        HTTPCase(
            "a coding folded behind another field",
            post: "X: y\r\n Transfer-Encoding: chunked\r\n",
            "",
            "folded_line"
        ),
        HTTPCase(
            "a coding after a bare LF",
            post: "X: y\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "bare_lf"
        ),
        HTTPCase(
            "a coding after a bare CR",
            post: "X: y\rTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "bare_cr"
        ),
        HTTPCase(
            "a coding in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "coding_in_old_version"
        ),
        HTTPCase(
            "a length and a coding in HTTP/1.0",
            "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "length_and_coding"
        ),
        HTTPCase(
            "chunked with GET",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / chunked | end | clean end"
        ),
        HTTPCase(
            "a coding with an underscore in its name",
            post: "Transfer_Encoding: chunked\r\n",
            "",
            none
        ),
        HTTPCase("a coding for the connection only", get: "TE: chunked\r\n", got),
    ]

    static let chunks: [HTTPCase] = [
        HTTPCase(
            "chunks",
            chunked: "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
            "POST / chunked | content hello! | end | clean end"
        ),
        HTTPCase(
            "a size in either case",
            chunked: "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "POST / chunked | content 01234567890123456789 | end | clean end"
        ),
        HTTPCase(
            "a size of sixteen digits",
            chunked: "0000000000000001\r\nx\r\n0\r\n\r\n",
            "POST / chunked | content x | end | clean end"
        ),
        HTTPCase(
            "a size of seventeen digits",
            chunked: "00000000000000001\r\nx\r\n0\r\n\r\n",
            "chunk_size"
        ),
        HTTPCase("a last size of many zeros", chunked: "000\r\n\r\n", empty),
        HTTPCase("a size of all bits", chunked: "ffffffffffffffff\r\nx", "content_too_large"),
        HTTPCase("a size that wraps around", chunked: "10000000000000005\r\nhello", "chunk_size"),
        HTTPCase(
            "sizes that wrap around together",
            chunked: "1\r\nx\r\nffffffffffffffff\r\nx",
            "content_too_large"
        ),
        HTTPCase("a size with 0x", chunked: "0x5\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size with a plus", chunked: "+5\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size with a minus", chunked: "-5\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase(
            "a size with a space before it",
            chunked: " 5\r\nhello\r\n0\r\n\r\n",
            "chunk_size"
        ),
        HTTPCase("a size with a space after it", chunked: "5 \r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size with a tab after it", chunked: "5\t\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size with an underscore", chunked: "1_0\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size that is no number", chunked: "g\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("no size", chunked: "\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size with a NUL", chunked: "5\0\r\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size that ends in LF", chunked: "5\nhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase("a size that ends in CR", chunked: "5\rhello\r\n0\r\n\r\n", "chunk_size"),
        HTTPCase(
            "a size that ends in CR CR LF",
            chunked: "5\r\r\nhello\r\n0\r\n\r\n",
            "chunk_size"
        ),
        HTTPCase("an extension", chunked: "5;a=b\r\nhello\r\n0\r\n\r\n", "chunk_extension"),
        HTTPCase("an empty extension", chunked: "5;\r\nhello\r\n0\r\n\r\n", "chunk_extension"),
        HTTPCase(
            "an extension with a line end in quotes",
            chunked: "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
            "chunk_extension"
        ),
        HTTPCase("an extension of the last chunk", chunked: "0;a=b\r\n\r\n", "chunk_extension"),
        HTTPCase(
            "a blank before an extension",
            chunked: "5 ;a=b\r\nhello\r\n0\r\n\r\n",
            "chunk_size"
        ),
        HTTPCase("a chunk longer than its size", chunked: "4\r\nhello\r\n0\r\n\r\n", "chunk_end"),
        HTTPCase("a chunk shorter than its size", chunked: "6\r\nhello\r\n0\r\n\r\n", "chunk_end"),
        HTTPCase("a chunk that ends in LF", chunked: "5\r\nhello\n0\r\n\r\n", "chunk_end"),
        HTTPCase("a chunk that ends in CR", chunked: "5\r\nhello\r0\r\n\r\n", "chunk_end"),
        HTTPCase("a chunk that ends in nothing", chunked: "5\r\nhello0\r\n\r\n", "chunk_end"),
        HTTPCase(
            "a chunk that ends in two other bytes",
            chunked: "5\r\nhelloXX0\r\n\r\n",
            "chunk_end"
        ),
        HTTPCase("chunks that stop", chunked: "5\r\nhello\r\n", "cut_off"),
        HTTPCase("a last chunk without its empty line", chunked: "0\r\n", "cut_off"),
        HTTPCase("a trailer", chunked: "0\r\nX-Sum: 1\r\nX-Name: a b\r\n\r\n", empty),
        HTTPCase("a trailing length", chunked: "0\r\nContent-Length: 5\r\n\r\n", "trailer_field"),
        HTTPCase(
            "a trailing coding",
            chunked: "0\r\ntransfer-encoding: chunked\r\n\r\n",
            "trailer_field"
        ),
        HTTPCase("a trailing Host", chunked: "0\r\nHost: b\r\n\r\n", "trailer_field"),
        HTTPCase("a trailing cookie", chunked: "0\r\nCookie: a=b\r\n\r\n", "trailer_field"),
        HTTPCase(
            "a trailing authorization",
            chunked: "0\r\nAUTHORIZATION: x\r\n\r\n",
            "trailer_field"
        ),
        HTTPCase(
            "a trailing forwarded address",
            chunked: "0\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n",
            "trailer_field"
        ),
        HTTPCase("a trailer without a colon", chunked: "0\r\nX\r\n\r\n", "field_name"),
        HTTPCase(
            "a trailer with a space before its colon",
            chunked: "0\r\nX : y\r\n\r\n",
            "space_before_colon"
        ),
        HTTPCase("a folded trailer", chunked: "0\r\nX: y\r\n z\r\n\r\n", "folded_line"),
        HTTPCase("a trailer that ends in LF", chunked: "0\r\nX: y\n\r\n", "bare_lf"),
        HTTPCase(
            "a request in place of a trailer",
            chunked: "0\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
            "field_name"
        ),
        HTTPCase("trailers that end in LF", chunked: "0\r\n\n", "bare_lf"),
    ]

    static let fields: [HTTPCase] = [
        HTTPCase("a field without a value", get: "X:\r\n", got),
        HTTPCase("a field with a blank value", get: "X: \t \r\n", got),
        HTTPCase("a field with bytes beyond ASCII", get: "X: caf\u{E9}\r\n", got),
        HTTPCase("a field with a tab inside", get: "X: a\tb\r\n", got),
        HTTPCase("a field with a colon in its value", get: "X: a:b\r\n", got),
        HTTPCase("a field whose name has every mark", get: "!#$%&'*+-.^_`|~09aZ: y\r\n", got),
        HTTPCase("a field without a colon", get: "X\r\n", "field_name"),
        HTTPCase("a field without a name", get: ": y\r\n", "field_name"),
        HTTPCase("a field with a space in its name", get: "X Y: z\r\n", "field_name"),
        HTTPCase("a field with a space before its colon", get: "X : y\r\n", "space_before_colon"),
        HTTPCase("a field with a slash in its name", get: "X/Y: z\r\n", "field_name"),
        HTTPCase("a field with a quote in its name", get: "\"X\": y\r\n", "field_name"),
        HTTPCase("a field with a brace in its name", get: "X{: y\r\n", "field_name"),
        HTTPCase("a field beyond ASCII in its name", get: "X\u{E9}: y\r\n", "field_name"),
        HTTPCase("a field folded by a space", get: "X: y\r\n z\r\n", "folded_line"),
        HTTPCase("a field folded by a tab", get: "X: y\r\n\tz\r\n", "folded_line"),
        HTTPCase("a line of blanks only", get: "X: y\r\n \r\n", "folded_line"),
        HTTPCase("a NUL in a name", get: "X\0: y\r\n", "control"),
        HTTPCase("a NUL in a value", get: "X: a\0b\r\n", "control"),
        HTTPCase("a bell in a value", get: "X: a\u{7}b\r\n", "control"),
        HTTPCase("a DEL in a value", get: "X: a\u{7F}b\r\n", "control"),
        HTTPCase("a bare CR in a value", get: "X: a\rb\r\n", "bare_cr"),
        HTTPCase("a bare LF in a value", get: "X: a\nb\r\n", "bare_lf"),
        HTTPCase("a head that ends in CR LF LF", "GET / HTTP/1.1\r\nHost: a\r\n\n", "bare_lf"),
        HTTPCase("a head that ends in CR LF CR", "GET / HTTP/1.1\r\nHost: a\r\n\rX", "bare_cr"),
        HTTPCase("an expectation that can be met", post: "Expect: 100-continue\r\n", "", none),
        HTTPCase("an expectation that cannot", post: "Expect: 200-ok\r\n", "", "expectation"),
        HTTPCase("two expectations", post: "Expect: 100-continue, x\r\n", "", "expectation"),
    ]

    static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    static let sequences: [HTTPCase] = [
        HTTPCase(
            "two requests",
            next + next,
            "GET /next none | end | GET /next none | end | clean end"
        ),
        HTTPCase(
            "a request behind counted content",
            post: "Content-Length: 2\r\n",
            "hi" + next,
            "POST / length(2) | content hi | end | GET /next none | end | clean end"
        ),
        HTTPCase(
            "a request behind chunks",
            chunked: "2\r\nhi\r\n0\r\n\r\n" + next,
            "POST / chunked | content hi | end | GET /next none | end | clean end"
        ),
        HTTPCase(
            "an empty line between requests",
            next + "\r\n" + next,
            "GET /next none | end | GET /next none | end | clean end"
        ),
        HTTPCase("two empty lines between requests", next + "\r\n\r\n" + next, "empty_lines"),
        HTTPCase("content that nothing announced", post: "", "hello=world\r\n", "method"),
        HTTPCase(
            "a request behind the last one",
            get: "Connection: close\r\n\r\n" + next,
            "GET / none | end | clean end"
        ),
        HTTPCase(
            "a request behind one of HTTP/1.0",
            "GET / HTTP/1.0\r\n\r\n" + next,
            "GET / none | end | clean end"
        ),
        HTTPCase(
            "a request behind one of HTTP/1.0 that stays",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + next,
            "GET / none | end | GET /next none | end | clean end"
        ),
        HTTPCase(
            "a request that hides in content",
            post: "Content-Length: \(next.utf8.count)\r\n",
            next,
            "POST / length(\(next.utf8.count)) | content \(next) | end | clean end"
        ),
        HTTPCase(
            "a good request and then a bad one",
            next + "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "space_before_colon"
        ),
        HTTPCase("an upgrade and other bytes", get: "Connection: upgrade\r\nUpgrade: h2c\r\n", got),
    ]
}
