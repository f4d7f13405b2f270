import { useRef } from 'preact/hooks'

/**
 * An Idempotency-Key for each body: sending the same form again after a lost answer makes nothing twice, and a changed form is a new
 * request.
 */
export const useIdempotencyKey = (): ((body: unknown) => string) => {
  const last = useRef({ text: '', key: '' })
  return (body) => {
    const text = JSON.stringify(body)
    if (last.current.text !== text) last.current = { text, key: crypto.randomUUID() }
    return last.current.key
  }
}
