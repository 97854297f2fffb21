namespace RedLeafSharp.Verification.Flow;

/// <summary>What the interpretation needs to know of a type.</summary>
/// <param name="Kind">How a value of it lies on the stack.</param>
/// <param name="Reduced">The type with enums and signs left out (ECMA-335 I.8.7.1): equal ones may alias.</param>
/// <param name="IsLinear">Exchange references, cells, and structs with one of them in a field: never copied.</param>
/// <param name="IsExchangeReference">May lie in locals, arguments and cells only.</param>
/// <param name="IsBorrow">References and ref structs: they may refer to slots and to blocks of the exchange heap.</param>
internal sealed record TypeFacts(StackKind Kind, Type Reduced, bool IsLinear, bool IsExchangeReference, bool IsBorrow);
