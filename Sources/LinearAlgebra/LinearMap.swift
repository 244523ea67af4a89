/// y = x·weights + bias.
public struct LinearMap: Sendable {
  /// [inputs, outputs]
  public var weights: Matrix
  public var bias: [Double]

  public init(weights: Matrix, bias: [Double]) {
    self.weights = weights
    self.bias = bias
  }

  public func applied(to inputs: Matrix) throws -> Matrix { try inputs.multiplied(by: weights).adding(bias) }
}
