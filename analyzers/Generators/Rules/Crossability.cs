using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators.Rules;

/// <summary>Why a type may not cross, and what to do instead.</summary>
internal sealed record Refusal(string Why, string Instead);

/// <summary>
/// Decides what may cross between domains: plain data (unmanaged, no pointer, no exchange reference inside), exchange
/// references by value, spans of plain data, and capabilities.
/// </summary>
internal static class Crossability
{
    /// <summary>Whether the type may be passed by value; null when it may. Spans are judged by their elements.</summary>
    internal static Refusal? OfValue(ITypeSymbol type)
    {
        if (ContractShape.IsExchangeReference(type))
        {
            return OfContent(type);
        }

        if (ContractShape.IsCapability(type))
        {
            return null;
        }

        return type.IsValueType ? OfData(type) : OfReference(type);
    }

    /// <summary>Whether the type is plain data, which may be copied, borrowed and kept in spans.</summary>
    internal static Refusal? OfData(ITypeSymbol type)
    {
        if (ContractShape.Is(type, "RedLeafSharp", "CallContext"))
        {
            return new("a call has one context, its first argument", "remove the parameter");
        }

        if (type.IsRefLikeType)
        {
            return new("a ref struct can hold references into the caller's memory", "pass its parts as spans and plain structs");
        }

        if (ContractShape.IsExchangeReference(type))
        {
            return new("only a reference passed by value is moved, any other would leave it in two domains", "pass it by value");
        }

        // For the compiler a pointer is a value type.
        if (!type.IsValueType || IsPointer(type))
        {
            return OfReference(type) ?? new("only plain data may be there", "pass it by value");
        }

        return FieldWalk.Find(type, ContractShape.IsExchangeReference) is { } hidden
            ? new($"its field '{hidden}' is an exchange reference, which would not be moved", "pass it as a parameter of its own")
            : FieldWalk.Find(type, IsPointer) is { } pointer
            ? new($"its field '{pointer}' is a pointer, an address that nobody checks", "pass a span, or lend a PageBuffer")
            : FieldWalk.Find(type, field => !field.IsValueType) is { } managed
            ? new($"its field '{managed}' refers to an object of the caller", "keep plain data only, pass text as a span")
            : null;
    }

    /// <summary>A block moves alone: what its content refers to would stay behind.</summary>
    private static Refusal? OfContent(ITypeSymbol reference) =>
        reference is INamedTypeSymbol { TypeArguments.Length: 1 } block && OfData(block.TypeArguments[0]) is { } refusal
            ? new($"of the block's content, {refusal.Why}", "keep plain data only in a block")
            : null;

    private static Refusal? OfReference(ITypeSymbol type) => type.TypeKind switch
    {
        TypeKind.Error => null,
        TypeKind.Pointer or TypeKind.FunctionPointer =>
            new("a pointer is an address that nobody checks", "pass a span, or lend a PageBuffer"),
        TypeKind.Array => new("an array is an object of the caller's heap", "pass a span, or move an RRefArray"),
        TypeKind.Delegate => new(
            "a delegate is code and an object of the caller", "declare a contract and let the caller provide it"),
        TypeKind.Interface when ContractShape.IsContract(type) => new(
            "contracts are handed out by the kernel, not passed on", "name it in the manifest and ask DomainServices.Require"),
        TypeKind.Interface =>
            new("an interface is a reference to an object of the caller", "pass the data that the callee needs"),
        TypeKind.TypeParameter => new("its type is not known to the proxy", "use a concrete unmanaged struct"),
        _ when type.SpecialType == SpecialType.System_String =>
            new("a string is an object of the caller's heap", "pass UTF-8 as ReadOnlySpan<byte>"),
        _ when IsTask(type) => new(
            "a task runs code of the caller when it completes",
            "return when the work is done, or offer methods to submit and poll"),
        _ => new("it is a reference to an object of the caller", "pass an unmanaged struct, a span, or a moved RRef"),
    };

    private static bool IsTask(ITypeSymbol type) =>
        type.Name == "Task" && type.ContainingNamespace?.ToDisplayString() == "System.Threading.Tasks";

    private static bool IsPointer(ITypeSymbol type) => type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer;
}
