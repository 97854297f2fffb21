using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>
/// Properties, of which those of references, replies and cells have a meaning, and the conditions made of them.
/// </summary>
internal sealed partial class OperationWalk
{
    private Value Property(IPropertyReferenceOperation property, Need need)
    {
        IOperation? instance = property.Instance;
        if (ExchangeTypes.IsReplyWithReference(instance?.Type))
        {
            return OfReply(property, instance!, need);
        }

        if (property.Property.Name == "IsNull" && ExchangeTypes.IsReference(instance?.Type))
        {
            return IsNull(instance!);
        }

        Value receiver = Visit(instance, Need.Inspect);
        ImmutableHashSet<Origin> origins = receiver.Origins.Union(Arguments(property.Arguments, property.Syntax));
        if (ExchangeTypes.IsCell(instance?.Type) && property.Property.Name == "Content" && CellOf(instance) is { } cell)
        {
            origins = origins.Add(cell);
        }

        bool isByReference = property.Property.RefKind != RefKind.None;
        if (isByReference && need == Need.Value)
        {
            CheckCopyOut(property, $"'{property.Property.Name}' shows the reference in its place, which keeps it");
        }

        if (ExchangeTypes.IsOwned(property.Type))
        {
            return isByReference ? new Value(origins, Holding.Unknown, []) : Value.Fresh(Holding.Owned);
        }

        bool isBorrow = ExchangeTypes.CanBorrow(property.Type) || (isByReference && need != Need.Value);
        return isBorrow ? Value.Borrowed(origins) : Value.None;
    }

    /// <summary>
    /// A reply is owned as the reference in it: to read the value takes it out, and an error means there is none.
    /// </summary>
    private Value OfReply(IPropertyReferenceOperation property, IOperation reply, Need need)
    {
        if (subject.PlaceOf(reply) is not { } place)
        {
            Value temporary = Visit(reply, Need.Inspect);
            if (property.Property.Name != "Value" || need != Need.Value)
            {
                DropUnnamed(reply, temporary);
            }

            return property.Property.Name == "Value" ? Value.Fresh(Holding.Owned | Holding.Empty) : Value.None;
        }

        CheckCapture(reply, place);
        switch (property.Property.Name)
        {
            case "Value" when need == Need.Value:
                CheckUsable(reply, place, isMove: true);
                return TakeOut(reply.Syntax, place);
            case "Value":
                CheckUsable(reply, place, isMove: false);
                return Value.Borrowed([new Origin(place.Key, null, NameOf(reply), Ending.None, null)]);
            case "IsOk" or "IsFault":
                return Value.Condition(MeaningOf(property.Property.Name, place));
            default:
                Loosen(place, need);
                return Value.None;
        }
    }

    /// <summary>What a property says of the variable that it is asked of.</summary>
    private static ImmutableArray<Implication> MeaningOf(string property, Place place) => property switch
    {
        "IsNull" => [new Implication(place, IsEmptyWhenTrue: true, IsEmptyWhenFalse: false)],
        "IsOk" => [new Implication(place, IsEmptyWhenTrue: false, IsEmptyWhenFalse: true)],
        "IsFault" => [new Implication(place, IsEmptyWhenTrue: true, IsEmptyWhenFalse: null)],
        _ => [],
    };

    /// <summary>Code that handles an error code in its own way knows that there is no value; how, is not followed.</summary>
    private void Loosen(Place place, Need need)
    {
        Ownership ownership = State.OwnershipOf(place);
        if (need == Need.Value && (ownership.Holding & Holding.Owned) != 0)
        {
            State = State.With(place, ownership with { Holding = (ownership.Holding & ~Holding.Owned) | Holding.Unknown });
        }
    }

    private Value IsNull(IOperation reference)
    {
        if (reference is IPropertyReferenceOperation { Property.Name: "Value", Instance: { } reply }
            && subject.PlaceOf(reply) is { } carrier)
        {
            CheckTestable(reply, carrier);
            return Value.Condition(MeaningOf("IsNull", carrier));
        }

        if (subject.PlaceOf(reference) is not { } place || IsRefLocal(reference))
        {
            DropUnnamed(reference, Visit(reference, Need.Inspect));
            return Value.None;
        }

        CheckCapture(reference, place);
        CheckTestable(reference, place);
        return Value.Condition(MeaningOf("IsNull", place));
    }

    private Value Comparison(IBinaryOperation binary)
    {
        bool isEquality = binary.OperatorKind == BinaryOperatorKind.Equals;
        if (!isEquality && binary.OperatorKind != BinaryOperatorKind.NotEquals)
        {
            Visit(binary.LeftOperand, Need.Value);
            Visit(binary.RightOperand, Need.Value);
            return Value.None;
        }

        Value left = Visit(binary.LeftOperand, Need.Inspect);
        Visit(binary.RightOperand, Need.Inspect);
        if (binary.RightOperand.ConstantValue is { HasValue: true, Value: bool expected })
        {
            return Expect(left, expected == isEquality);
        }

        if (ErrorOf(binary.LeftOperand) is not { } reply
            || binary.RightOperand.ConstantValue is not { HasValue: true, Value: { } constant })
        {
            return Value.None;
        }

        // An error or a fault other than 0 means that there is no value; 0 of one leaves the other open.
        bool isError = !constant.Equals(0);
        bool isEmptyWhenTrue = isError == isEquality;
        return Value.Condition(isEmptyWhenTrue
            ? new Implication(reply, IsEmptyWhenTrue: true, IsEmptyWhenFalse: null)
            : new Implication(reply, IsEmptyWhenTrue: null, IsEmptyWhenFalse: true));
    }

    private Place? ErrorOf(IOperation operation) =>
        operation is IPropertyReferenceOperation { Property.Name: "Error" or "Fault", Instance: { } reply }
        && ExchangeTypes.IsReplyWithReference(reply.Type)
            ? subject.PlaceOf(reply)
            : null;
}
