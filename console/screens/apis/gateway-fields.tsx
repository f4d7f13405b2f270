import { TextField } from '../../parts/fields.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.apis

type NewGateway = { readonly gatewayId: string; readonly stage: string; readonly basePath: string }

/** @param prefix of the fields in refusals of the API */
export const GatewayFields = ({
  prefix,
  gateway,
  onChange,
}: {
  readonly prefix: string
  readonly gateway: NewGateway
  readonly onChange: (gateway: NewGateway) => void
}) => (
  <>
    <TextField
      label={own.gatewayId}
      name={`${prefix}gatewayId`}
      hint={own.gatewayIdHint}
      value={gateway.gatewayId}
      onInput={(gatewayId) => onChange({ ...gateway, gatewayId })}
      isRequired
      isCode
    />
    <TextField
      label={own.stage}
      name={`${prefix}stage`}
      value={gateway.stage}
      onInput={(stage) => onChange({ ...gateway, stage })}
      isRequired
      isCode
    />
    <TextField
      label={own.basePath}
      name={`${prefix}basePath`}
      hint={own.basePathHint}
      value={gateway.basePath}
      onInput={(basePath) => onChange({ ...gateway, basePath })}
      isRequired
      isCode
    />
  </>
)
