/// Takes over the parameters of a group that several commands share. In help they stand under `heading`, or
/// among the command's own.
@propertyWrapper
public struct OptionGroup<Group: ParameterGroup>: ParameterSource, Sendable {
  /// Its wrappers hold references, so that filling in a copy fills in this one.
  public let wrappedValue: Group
  private let heading: String?

  public init(_ heading: String? = nil) {
    wrappedValue = Group()
    self.heading = heading
  }

  var parameters: [Parameter] {
    ParameterList.parameters(of: wrappedValue).map { parameter in
      var parameter = parameter
      parameter.section = parameter.section ?? heading
      return parameter
    }
  }

  var group: any ParameterGroup { wrappedValue }
}
