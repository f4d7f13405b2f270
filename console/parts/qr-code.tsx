import { useEffect, useState } from 'preact/hooks'

/** Light modules around the code that scanners need (ISO/IEC 18004). */
const quietZone = 4

/** A text as a QR code. It is drawn here, so the text does not leave the page. Show the text beside it, too: the library may not load. */
export const QrCode = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const [rows, setRows] = useState<readonly (readonly boolean[])[]>([])
  useEffect(() => {
    let isGone = false
    const draw = async () => {
      const { encode } = await import('uqr')
      if (!isGone) setRows(encode(text, { ecc: 'M', border: quietZone }).data)
    }
    draw().catch(() => {})
    return () => {
      isGone = true
    }
  }, [text])
  const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <div class="qr">
      {rows.length === 0 ? null : (
        <svg role="img" aria-label={label} viewBox={`0 0 ${rows.length} ${rows.length}`}>
          <path d={dark.join('')} />
        </svg>
      )}
    </div>
  )
}
