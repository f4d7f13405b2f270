/**
 * Derives a value from an object once and keeps it as long as the object lives. Only for objects that never change, such as what was
 * read from the table.
 */
export const oncePer = <K extends object, V>(derive: (from: K) => V): ((from: K) => V) => {
  const derived = new WeakMap<K, V>()
  return (from) => {
    const found = derived.get(from)
    if (found !== undefined) return found
    const value = derive(from)
    derived.set(from, value)
    return value
  }
}
