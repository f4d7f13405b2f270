/** The version that an If-Match header names (RFC 9110 section 13.1.1); null when there is none or it says "any". */
export const readIfMatch = (header: string | undefined): number | null =>
  header === undefined || header === '*' ? null : Number(header.replaceAll('"', ''))
