/** Answers to bytes that Node could not read as a request, by its error's code. */
const ANSWERS: Readonly<Record<string, readonly [status: string, code: string, why: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "resource_exhausted",
    "its header is larger than the limit",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "deadline_exceeded", "it did not come within the time allowed"],
};

const UNREADABLE = ["400 Bad Request", "invalid_argument", "it is no HTTP"] as const;

/** Writes the whole answer to bytes that are no request; the connection ends with it. */
export function answerRubbish(errorCode: string): string {
  const [status, code, why] = ANSWERS[errorCode] ?? UNREADABLE;
  const body = JSON.stringify({ code, message: `Cannot read the request: ${why}` });
  const fields = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  return `HTTP/1.1 ${status}\r\n${fields}\r\n\r\n${body}`;
}
