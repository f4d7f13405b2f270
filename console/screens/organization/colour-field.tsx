import {
  colourPattern,
  contrast,
  hardestSurface,
  shadesOf,
  sufficientContrast,
} from '../../../lib/brand/shades.ts'
import { accentOf } from '../../client/accent.ts'
import { Field } from '../../parts/fields.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.organization.colour
const looks = ['light', 'dark'] as const
/** What the picker shows while there is no colour: it cannot be empty. */
const unset = '#2a56c6'

type ColourFieldProps = {
  /** Empty = none. */
  readonly value: string
  readonly onInput: (value: string) => void
}

/** A colour by picker or as text, with what becomes of it in both looks. */
export const ColourField = ({ value, onInput }: ColourFieldProps) => {
  const isColour = colourPattern.test(value)
  return (
    <>
      <Field
        label={own.label}
        name="colour"
        hint={own.hint}
        message={value === '' || isColour ? undefined : own.wrong}
      >
        {(control) => (
          <span class="colour">
            <input
              type="color"
              aria-label={own.pick}
              value={isColour ? value.toLowerCase() : unset}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
            <input
              {...control}
              class="code"
              value={value}
              placeholder={own.placeholder}
              maxLength={7}
              spellcheck={false}
              autoComplete="off"
              onInput={(event) => onInput(event.currentTarget.value.trim())}
            />
          </span>
        )}
      </Field>
      {isColour ? (
        <ul class="samples">
          {looks.map((look) => (
            <Sample key={look} look={look} colour={value.toLowerCase()} />
          ))}
        </ul>
      ) : null}
    </>
  )
}

/** A link and a button as they will look, and why they differ from the colour. */
const Sample = ({ look, colour }: { readonly look: (typeof looks)[number]; readonly colour: string }) => {
  const shown = shadesOf(colour)?.[look].accent ?? colour
  const ratio = (of: string) => contrast(of, hardestSurface[look]).toFixed(1)
  return (
    <li class={look} style={accentOf(colour)}>
      <span class="sample" aria-hidden="true">
        <span class="sample-link">{own.link}</span>
        <span class="button primary">{own.button}</span>
      </span>
      <span>
        <strong>{own.looks[look]}</strong>{' '}
        {shown === colour ? own.asIs(ratio(colour)) : own.adjusted(ratio(colour), sufficientContrast, shown)}
      </span>
    </li>
  )
}
