import { render } from 'preact'
import { App } from './app.tsx'
import { startSession } from './client/session.ts'
import { startBdi } from './parts/bdi.ts'
import { startRouter } from './router.ts'
import { startKeepFocus } from './shell/keep-focus.ts'
import { startPalette } from './shell/palette.tsx'
import './styles/console.css'

const place = document.getElementById('console')
if (place !== null) {
  startBdi()
  startRouter()
  startPalette()
  startKeepFocus()
  render(<App />, place)
  void startSession()
}
