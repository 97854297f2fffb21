using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using RedLeafSharp.Verification.Image;

namespace RedLeafSharp.Verification.Rules;

/// <summary>The image as the runtime has loaded it.</summary>
internal sealed class LoadedImage
{
    internal const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private LoadedImage(ImageFile file, Assembly assembly, IReadOnlyList<Type> types)
    {
        File = file;
        Assembly = assembly;
        Types = types;
    }

    internal ImageFile File { get; }

    internal Assembly Assembly { get; }

    /// <summary>All types that load.</summary>
    internal IReadOnlyList<Type> Types { get; }

    internal ViolationLog Log => File.Log;

    internal TypeSizes Sizes { get; } = new();

    /// <summary>
    /// Loads the assembly and each of its types. The type loader itself checks overrides, implementations and constraints; what it
    /// refuses is reported in its words.
    /// </summary>
    internal static LoadedImage? Load(VerificationContext context, byte[] image, ImageFile file)
    {
        Assembly assembly;
        try
        {
            assembly = context.LoadFromStream(new MemoryStream(image, writable: false));
        }
        catch (Exception exception) when (IsLoadFailure(exception))
        {
            file.Log.Add(RuleId.Malformed, string.Empty, $"not an assembly that can be loaded: {exception.Message}");
            return null;
        }

        var types = new List<Type>();
        foreach (TypeDefinitionHandle handle in file.Metadata.TypeDefinitions.Skip(1))
        {
            string name = file.NameOf(handle);
            Attempt(file.Log, name, () =>
            {
                Type type = assembly.ManifestModule.ResolveType(MetadataTokens.GetToken(handle));
                _ = type.IsVisible;
                types.Add(type);
            });
        }

        return new LoadedImage(file, assembly, types);
    }

    /// <summary>Whether the image declares it.</summary>
    internal bool IsOwn(Type type) => type.Assembly == Assembly;

    /// <summary>Does what can fail where the image is not as a compiler makes it, and reports the failure.</summary>
    /// <returns>Whether it was done.</returns>
    internal static bool Attempt(ViolationLog log, string member, Action action, int method = 0, int ilOffset = -1)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception) when (IsLoadFailure(exception))
        {
            string rule = exception is TypeLoadException and not DllNotFoundException and not EntryPointNotFoundException
                ? RuleId.Override : RuleId.Malformed;
            log.Add(rule, member, exception.Message, method, ilOffset);
            return false;
        }
    }

    /// <summary>What the runtime throws over metadata that is not as it should be. The set is not documented.</summary>
    internal static bool IsLoadFailure(Exception exception) => exception is not (OutOfMemoryException or StackOverflowException);
}
