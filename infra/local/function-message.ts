/** The start parameters of a function's worker. */
export type WorkerStart = {
  readonly entryUrl: string
  readonly exportName: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMegabytes: number
  readonly compileCacheFolder: string
}

/** Events and results are JSON text, as on Lambda: values that JSON cannot represent are lost here too. */
export type Invocation = { readonly requestId: string; readonly event: string; readonly deadline: number }

export type FunctionError = {
  readonly errorType: string
  readonly errorMessage: string
  readonly stack?: string
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'not-loaded'; readonly error: FunctionError }
  | { readonly type: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly type: 'error'; readonly requestId: string; readonly error: FunctionError }
