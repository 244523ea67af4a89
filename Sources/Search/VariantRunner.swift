import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import TensorCore

/// Runs variants of a model on samples, in a worker process, and keeps account of what that costs.
final class VariantRunner {
  let client: EvaluationClient
  let options: SearchOptions
  private(set) var ledger: EvaluationLedger
  /// Weights mapped from files below this folder are not copied into sessions.
  private let weightFolder: String
  private let fullCost: Int
  var stage = ""

  init(
    client: EvaluationClient, options: SearchOptions, base: Model, weightFolder: String, samplesPerPass: Int
  ) {
    self.client = client
    self.options = options
    self.weightFolder = weightFolder
    ledger = EvaluationLedger(samplesPerPass: samplesPerPass)
    fullCost = Self.cost(of: base)
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
    let bytes = try ONNXFormat.encodeSkeleton(model.named(types: .none), folder: weightFolder)
    let session = try withWorkers(attempts) {
      try client.session(.bytes(bytes, externalDataFolder: weightFolder, name: name), options.session)
    }
    return Variant(
      session: session, outputs: model.outputNames(of: model.mainGraph),
      share: Double(Self.cost(of: model)) / Double(max(fullCost, 1)))
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
    return result.outputs
  }

  /// One run on a tensor that is at hand, which costs what its rows cost.
  func run(_ variant: Variant, input: (name: String, tensor: Tensor)) throws -> [Tensor] {
    let result = try client.run(
      variant.session, [input.name: input.tensor], outputs: variant.outputs,
      timeout: options.trialSecondsLimit)
    ledger.add(samples: input.tensor.dimensions.first ?? 1, share: variant.share, stage: stage)
    return result.outputs.compactMap { $0 }
  }

  /// The only output, as samples for other variants that read it from their input `name`.
  func store(_ variant: Variant, on samples: SampleSet, as name: String) throws -> SampleSet {
    let columns = try run(variant, on: samples).map { Dataset.Column(name, $0) }
    let dataset = try Dataset(source: "activations", columns: columns)
    return SampleSet(dataset: client.dataset(dataset), indices: Array(0..<samples.count))
  }

  /// Runs `body` again where its worker was lost.
  func withWorkers<Result>(_ attempts: Int = 2, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as WorkerError where error.isLoss && attempts > 1 {
      return try withWorkers(attempts - 1, body)
    }
  }

  /// Multiply-accumulates, plus a little for every node, so that models without any have a cost, too.
  private static func cost(of model: Model) -> Int {
    let (cost, overflow) = CostModel.macs(of: model).addingReportingOverflow(model.allNodes.count)
    return overflow ? .max : cost
  }
}
