import Evaluation
import GraphIR
import Journal
import TensorCore

/// Runs variants of a model on samples, in a worker process, and keeps account of what that costs.
final class VariantRunner {
  let client: EvaluationClient
  let options: SearchOptions
  let encoder: VariantEncoder
  let journal: Journal?
  private(set) var ledger: EvaluationLedger
  var stage = ""

  init(
    client: EvaluationClient, options: SearchOptions, base: Model, weightFolder: String, samplesPerPass: Int,
    journal: Journal? = nil
  ) {
    self.client = client
    self.journal = journal
    self.options = options
    encoder = VariantEncoder(base: base, weightFolder: weightFolder)
    ledger = EvaluationLedger(samplesPerPass: samplesPerPass)
  }

  /// A model made ready to run, with the share of the original's work that one sample of it takes.
  struct Variant {
    let session: SessionHandle
    let outputs: [String]
    let share: Double
  }

  /// - Parameters:
  ///   - name: what the runtime's messages call the model.
  ///   - attempts: more than one for models that the search cannot do without.
  func prepare(_ model: Model, name: String = "model", attempts: Int = 2) throws -> Variant {
    try prepare(encoder.encode(model), name: name, attempts: attempts)
  }

  func prepare(_ encoded: VariantEncoder.Encoded, name: String = "model", attempts: Int = 2) throws -> Variant
  {
    let source = SessionSource.bytes(
      encoded.bytes, externalDataFolder: encoder.weightFolder, name: name)
    let session = try withWorkers(attempts) { try client.session(source, options.session) }
    return Variant(session: session, outputs: encoded.outputs, share: encoded.share)
  }

  /// The outputs for each sample, in the order of the set.
  /// - Parameter attempts: more than one for runs that the search cannot do without.
  func run(_ variant: Variant, on samples: SampleSet, attempts: Int = 2) throws -> [Tensor] {
    let result = try withWorkers(attempts) {
      try client.evaluate(
        variant.session, on: samples.dataset, samples: samples.indices, batchSize: options.batchSize,
        outputs: variant.outputs, timeout: options.trialSecondsLimit)
    }
    ledger.add(samples: samples.count, share: variant.share, stage: stage)
    ledger.note(samples, stage: stage)
    return result.outputs
  }

  /// The first output for rows that are at hand, which cost what samples cost.
  func run(_ variant: Variant, on rows: Tensor, as input: String) throws -> Tensor {
    let result = try client.run(
      variant.session, rows: [input: rows], outputs: variant.outputs, timeout: options.trialSecondsLimit)
    ledger.add(samples: rows.dimensions.first ?? 1, share: variant.share, stage: stage)
    guard let output = result.outputs.first else { throw ModelError("the model has no output") }
    return output
  }

  /// The only output, as samples for other variants that read it from their input `name`.
  func store(_ variant: Variant, on samples: SampleSet, as name: String) throws -> SampleSet {
    let dataset = try withWorkers {
      try client.results(
        of: variant.session, output: variant.outputs[0], on: samples.dataset, samples: samples.indices,
        batchSize: options.batchSize, as: name, timeout: options.trialSecondsLimit)
    }
    ledger.add(samples: samples.count, share: variant.share, stage: stage)
    ledger.note(samples, stage: stage)
    return SampleSet(dataset: dataset, indices: Array(0..<samples.count))
  }

  /// The outcome of `body`, or the one that the journal has.
  /// - Parameters:
  ///   - subject: for people who read the journal.
  ///   - samples: that `body` runs.
  ///   - inputs: what the outcome depends on.
  func measured<Outcome: Recordable>(
    _ kind: JournalEntry.Kind, of subject: String, _ samples: SampleSet, _ inputs: [Fingerprint],
    _ body: () throws -> Outcome
  ) throws -> Outcome {
    guard let journal else { return try body() }
    let entry = JournalEntry(kind, of: subject, stage: stage, samples: samples.count, inputs: inputs)
    let measured = try journal.measured(entry, isFinal: Self.isFinal) {
      let before = ledger.samples
      let outcome = try body()
      return (outcome, cost: ledger.samples - before)
    }
    if measured.isReplayed, measured.cost > 0 {
      ledger.add(cost: measured.cost, stage: stage)
      ledger.note(samples, stage: stage)
    }
    return measured.outcome
  }

  /// A trial that was cancelled has no outcome; any other failure is one, but for those of the user's command, which can
  /// be mended.
  private static func isFinal(_ error: any Error) -> Bool {
    if case WorkerError.cancelled = error {
      false
    } else {
      !(error is JournalError || error is MetricCommandError)
    }
  }

  /// Runs `body` again where its worker was lost.
  func withWorkers<Result>(_ attempts: Int = 2, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as WorkerError where error.isLoss && attempts > 1 {
      return try withWorkers(attempts - 1, body)
    }
  }
}
