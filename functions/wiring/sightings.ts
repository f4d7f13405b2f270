import type { Behind } from '../../lib/effects/behind.ts'
import type { NoteSighting } from '../../lib/sightings/note-sightings.ts'
import { makeSightings } from '../../lib/sightings/note-sightings.ts'
import { readSightingsParts, writeSightingsPart } from '../../lib/sightings/sightings-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { optional } from './environment.ts'
import { logFault } from './log.ts'

/** One per container. */
export const openSightings = (table: Table, behind: Behind): NoteSighting =>
  optional('SIGHTINGS') === 'off'
    ? () => undefined
    : makeSightings({
        read: (about) => readSightingsParts(table, about),
        write: (about, part) => writeSightingsPart(table, about, part),
        behind,
        now: Date.now,
        onFault: logFault('sightings_not_noted'),
      })
