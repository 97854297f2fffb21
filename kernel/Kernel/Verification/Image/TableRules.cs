using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Verification.Image;

/// <summary>Metadata as a whole: which tables there may be, how large, what the image may call itself and refer to.</summary>
internal static class TableRules
{
    private static readonly (TableIndex Table, string Rule, string What)[] Forbidden =
    [
        (TableIndex.FieldPtr, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.MethodPtr, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.ParamPtr, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.EventPtr, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.PropertyPtr, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.EncLog, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.EncMap, RuleId.Malformed, "edit-and-continue metadata"),
        (TableIndex.File, RuleId.NotPlainIL, "an assembly of several files"),
        (TableIndex.ExportedType, RuleId.Malformed, "types forwarded to another assembly"),
        (TableIndex.ModuleRef, RuleId.NativeCode, "a reference to a native library"),
        (TableIndex.ImplMap, RuleId.NativeCode, "P/Invoke"),
        (TableIndex.FieldMarshal, RuleId.NativeCode, "marshalling to native code"),
        (TableIndex.DeclSecurity, RuleId.AccessBypass, "security declarations, as AllowUnsafeBlocks makes them"),
    ];

    /// <summary>Names under which the kernel or the contracts show their internals; a domain may not take one.</summary>
    private static readonly HashSet<string> FriendNames = new(
        new[] { typeof(CallContext).Assembly, typeof(IDomain).Assembly }.SelectMany(FriendsOf), StringComparer.OrdinalIgnoreCase);

    /// <returns>Whether the rest of the metadata can be looked at.</returns>
    internal static bool Check(ImageFile file)
    {
        if (file.Metadata.MetadataKind != MetadataKind.Ecma335 || !file.Metadata.IsAssembly || file.Rows(TableIndex.Module) != 1)
        {
            file.Log.Add(RuleId.Malformed, string.Empty, "not an assembly of one module");
            return false;
        }

        for (TableIndex table = TableIndex.Module; table <= TableIndex.GenericParamConstraint; table++)
        {
            int max = table == TableIndex.TypeDef ? VerificationLimits.TypesMax : VerificationLimits.TableRowsMax;
            if (file.Rows(table) > max)
            {
                file.Log.Add(RuleId.Malformed, string.Empty, $"the table {table} has {file.Rows(table)} rows; {max} are allowed");
                return false;
            }
        }

        CheckForbidden(file);
        CheckNames(file);
        return true;
    }

    /// <summary>Whether a domain may reference an assembly of this name.</summary>
    internal static bool IsAllowedReference(string name) =>
        name is "RedLeafSharp.Contracts" or "RedLeafSharp.Trusted" or "System" || name.StartsWith("System.", StringComparison.Ordinal);

    private static void CheckForbidden(ImageFile file)
    {
        foreach ((TableIndex table, string rule, string what) in Forbidden)
        {
            if (file.Rows(table) > 0)
            {
                file.Log.Add(rule, string.Empty, $"the image has {what}");
            }
        }
    }

    private static void CheckNames(ImageFile file)
    {
        AssemblyDefinition assembly = file.Metadata.GetAssemblyDefinition();
        string own = file.Metadata.GetString(assembly.Name);
        if (FriendNames.Contains(own) || IsAllowedReference(own) || own is "mscorlib" or "netstandard")
        {
            file.Log.Add(RuleId.AccessBypass, string.Empty, $"the assembly name '{own}' is one that sees the internals of others");
        }

        foreach (AssemblyReferenceHandle handle in file.Metadata.AssemblyReferences)
        {
            string name = file.Metadata.GetString(file.Metadata.GetAssemblyReference(handle).Name);
            if (!IsAllowedReference(name))
            {
                file.Log.Add(
                    RuleId.Type, string.Empty, $"a domain may not reference '{name}', only RedLeafSharp.Contracts and the framework");
            }
        }
    }

    private static IEnumerable<string> FriendsOf(Assembly assembly) => assembly.CustomAttributes
        .Where(attribute => attribute.AttributeType == typeof(System.Runtime.CompilerServices.InternalsVisibleToAttribute))
        .Select(attribute => new AssemblyName((string)attribute.ConstructorArguments[0].Value!).Name!);
}
