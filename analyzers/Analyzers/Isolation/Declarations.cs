using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>What a domain declares: its types with their bases, its fields, its methods.</summary>
internal static class Declarations
{
    private static readonly HashSet<string> BaseTypes =
        ["System.Object", "System.ValueType", "System.Enum", "System.Attribute", "System.Delegate", "System.MulticastDelegate"];

    internal static void Register(CompilationStartAnalysisContext context, DomainRules rules)
    {
        context.RegisterSymbolAction(symbol => CheckType(symbol, rules), SymbolKind.NamedType);
        context.RegisterSymbolAction(CheckField, SymbolKind.Field);
        context.RegisterSymbolAction(CheckProperty, SymbolKind.Property);
        context.RegisterSymbolAction(CheckEvent, SymbolKind.Event);
        context.RegisterSymbolAction(CheckMethod, SymbolKind.Method);
    }

    private static void CheckType(SymbolAnalysisContext context, DomainRules rules)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        CheckBase(context, type, rules);
        CheckCount(context, type);
        CheckName(context, type, rules);
        if (type.TypeKind == TypeKind.Struct && StructSizes.BytesOf(type) > IsolationLimits.StructBytesMax)
        {
            Report(context, IsolationDiagnostics.Size,
                $"{type.Name} has more than {IsolationLimits.StructBytesMax} bytes, on the stack for each local: use an array");
        }
    }

    private static void CheckBase(SymbolAnalysisContext context, INamedTypeSymbol type, DomainRules rules)
    {
        if (type.BaseType is { TypeKind: not TypeKind.Error } parent && rules.IsForeign(parent)
            && !BaseTypes.Contains(MetadataNames.Of(parent)) && !IsException(parent))
        {
            Report(context, IsolationDiagnostics.BaseType,
                $"{type.Name} derives from {parent.Name}: the library would call it, or finalize it; keep one in a field");
        }

        foreach (INamedTypeSymbol contract in type.Interfaces.Where(rules.IsForeign))
        {
            if (rules.FindType(MetadataNames.Of(contract)) is { IsAllowed: false, Rule: IsolationDiagnostics.BaseType } decision)
            {
                Report(context, IsolationDiagnostics.BaseType, $"{type.Name} implements {contract.Name}: {decision.Reason}");
            }
        }
    }

    /// <summary>The verifier, which sees what the getter does, lets some through; they are the compiler's own.</summary>
    private static void CheckCount(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Class or TypeKind.Struct && type.AllInterfaces.Any(IsCollection)
            && type.BaseType?.AllInterfaces.Any(IsCollection) != true)
        {
            Report(context, IsolationDiagnostics.Cost,
                $"the library makes an array as large as {type.Name}.Count says: implement IReadOnlyCollection<T>");
        }
    }

    private static bool IsCollection(INamedTypeSymbol type) => MetadataNames.Of(type) == "System.Collections.Generic.ICollection`1";

    private static bool IsException(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (MetadataNames.Of(at) == "System.Exception")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compiler and runtime know some attributes by their names alone, wherever they are declared.</summary>
    private static void CheckName(SymbolAnalysisContext context, INamedTypeSymbol type, DomainRules rules)
    {
        string name = MetadataNames.Of(type);
        if (name == "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute")
        {
            Report(context, IsolationDiagnostics.AccessChecks, "IgnoresAccessChecksTo opens the private members of the kernel");
        }
        else if (name.StartsWith("System.Runtime.", StringComparison.Ordinal)
            && rules.FindType(name) is { IsAllowed: false, Rule.Length: > 0 } decision)
        {
            Report(context, decision.Rule, $"{type.Name}, declared here, is known by its name: {decision.Reason}");
        }
    }

    private static void CheckField(SymbolAnalysisContext context)
    {
        var field = (IFieldSymbol)context.Symbol;
        if (field is { IsStatic: true, IsReadOnly: false, IsConst: false, AssociatedSymbol: null })
        {
            ReportState(context);
        }

        if (field.RefKind != RefKind.None)
        {
            Report(context, IsolationDiagnostics.Unsafe,
                $"{field.Name} may refer to nothing, and whoever gets what it refers to is ended by that: keep a span");
        }
    }

    /// <summary>A static property with a setter and no body has a field of its own.</summary>
    private static void CheckProperty(SymbolAnalysisContext context)
    {
        var property = (IPropertySymbol)context.Symbol;
        if (property is { IsStatic: true, SetMethod: not null } && property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property)))
        {
            ReportState(context);
        }
    }

    private static void ReportState(SymbolAnalysisContext context) => Report(
        context, IsolationDiagnostics.StaticState,
        $"{context.Symbol.Name} can change, and all objects of a generation share it: keep it in an instance");

    private static void CheckEvent(SymbolAnalysisContext context)
    {
        var declared = (IEventSymbol)context.Symbol;
        bool isFieldLike = declared.ContainingType?.TypeKind is TypeKind.Class or TypeKind.Struct && !declared.IsAbstract
            && declared.AddMethod is { IsImplicitlyDeclared: true };
        if (isFieldLike)
        {
            context.ReportDiagnostic(new Offence(
                declared.IsStatic ? IsolationDiagnostics.StaticState : IsolationDiagnostics.Member,
                $"{declared.Name}: the compiler adds to such an event with Interlocked; keep delegates in a field")
                .At(LocationOf(declared)));
        }
    }

    private static void CheckMethod(SymbolAnalysisContext context)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (method.MethodKind == MethodKind.Destructor)
        {
            Report(context, IsolationDiagnostics.Finalizer,
                "a finalizer runs on a thread of the runtime, where an exception ends the process: implement IDisposable");
        }

        if (method.IsExtern)
        {
            Report(context, IsolationDiagnostics.Native, $"{method.Name} has no body: a domain has no code outside itself");
        }

        if ((method.MethodImplementationFlags & MethodImplAttributes.Synchronized) != 0)
        {
            Report(context, IsolationDiagnostics.Locks, $"{method.Name} locks: one thread at a time runs in a domain");
        }
    }

    private static void Report(SymbolAnalysisContext context, string rule, string message) =>
        context.ReportDiagnostic(new Offence(rule, message).At(LocationOf(context.Symbol)));

    private static Location LocationOf(ISymbol symbol) => symbol.Locations.FirstOrDefault() ?? Location.None;
}
