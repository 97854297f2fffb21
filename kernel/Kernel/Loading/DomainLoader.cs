using System.Reflection;
using RedLeafSharp.Contracts;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>Loads the image of a domain into a context of its own. No code of the domain runs here.</summary>
internal static class DomainLoader
{
    /// <summary>Loads an image and finds its entry class; <see cref="Initialization"/> is what runs code.</summary>
    /// <param name="image">The image, with safepoints.</param>
    /// <param name="stackLimit">How deep it may go, see <see cref="StackBudget.LimitOf"/>.</param>
    /// <param name="contract">IDomain or IProgram.</param>
    /// <param name="entry">Full name of the entry class.</param>
    /// <param name="path">Where the image comes from, for messages.</param>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal static LoadedDomain Load(RewrittenImage image, int stackLimit, Type contract, string entry, string path)
    {
        var context = new DomainLoadContext(entry);
        try
        {
            Assembly loaded = LoadAssembly(context, image.Instantiate(context.PollWord, stackLimit), image.Symbols, path);
            Type type = FindEntry(loaded, contract, entry, path);
            return new LoadedDomain(
                context, type, path, HasAttribute<ReentrantAttribute>(type), HasAttribute<CompletesCallsAttribute>(type));
        }
        catch (Exception exception)
        {
            // An image that is not what the compiler made can fail anywhere here, in ways that only the runtime knows.
            context.Unload();
            throw exception as BootException
                ?? new BootException($"{path}: not an assembly that can be loaded ({exception.GetType().FullName})");
        }
    }

    /// <summary>Rewrites an image and loads it, with the stack of a program.</summary>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal static LoadedDomain Load(byte[] assembly, byte[]? symbols, Type contract, string entry, string path)
    {
        RewrittenImage image = Rewrite(assembly, symbols, path, RewritePasses.Safepoints);
        return Load(image, StackBudget.LimitOf(StackBudget.StepsOfPrograms), contract, entry, path);
    }

    /// <summary>Makes an image loadable: verifies it, plants what is wanted, and verifies the result.</summary>
    /// <exception cref="BootException">The image is no domain, or the verifier rejects it.</exception>
    internal static RewrittenImage Rewrite(byte[] assembly, byte[]? symbols, string path, RewritePasses passes) =>
        Rewrite(assembly, symbols, path, passes, ImageRewriter.Rewrite, VerifiedImages.ThrowUnlessClean);

    /// <summary>As <see cref="Rewrite(byte[], byte[], string, RewritePasses)"/>, with neither verdicts nor images from a cache.</summary>
    /// <exception cref="BootException">The image is no domain, or the verifier rejects it.</exception>
    internal static RewrittenImage RewriteAnew(byte[] assembly, byte[]? symbols, string path, RewritePasses passes) =>
        Rewrite(assembly, symbols, path, passes, (image, its, file, all) => ImageRewriter.RewriteNew(image, its, file, all), VerifiedImages.ThrowUnlessCleanNow);

    private static RewrittenImage Rewrite(
        byte[] assembly,
        byte[]? symbols,
        string path,
        RewritePasses passes,
        Func<byte[], byte[]?, string, RewritePasses, RewrittenImage> rewrite,
        Action<byte[], byte[]?, string, VerificationOptions> verify)
    {
        // The rewriter's own reader of images comes after the verifier: it is not made for hostile ones.
        verify(assembly, symbols, path, VerificationOptions.Delivered);
        try
        {
            RewrittenImage image = rewrite(assembly, symbols, path, passes | RewritePasses.Safepoints);
            verify(image.Assembly, image.Symbols, path, VerificationOptions.Rewritten);
            return image;
        }
        catch (ImageException exception)
        {
            throw new BootException(exception.Message);
        }
    }

    /// <summary>As <see cref="Rewrite(byte[], byte[], string, RewritePasses)"/>, with every mutant that the verifier accepts.</summary>
    /// <exception cref="BootException">The image is no domain, or the verifier rejects it.</exception>
    internal static RewrittenImage Mutate(byte[] assembly, byte[]? symbols, string path)
    {
        VerifiedImages.ThrowUnlessClean(assembly, symbols, path, VerificationOptions.Delivered);
        try
        {
            RewrittenImage image = MutantFilter.Make(assembly, symbols, path);
            VerifiedImages.ThrowUnlessClean(image.Assembly, image.Symbols, path, VerificationOptions.Rewritten);
            return image;
        }
        catch (ImageException exception)
        {
            throw new BootException(exception.Message);
        }
    }

    private static Assembly LoadAssembly(DomainLoadContext context, byte[] assembly, byte[]? symbols, string path)
    {
        try
        {
            return context.LoadFromStream(
                new MemoryStream(assembly, writable: false), symbols is null ? null : new MemoryStream(symbols, writable: false));
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or IOException)
        {
            throw new BootException($"{path}: not an assembly that can be loaded: {FirstLine(exception.Message)}");
        }
    }

    private static Type FindEntry(Assembly assembly, Type contract, string entry, string path)
    {
        Type type = assembly.GetType(entry, throwOnError: false)
            ?? throw new BootException($"{path}: the entry class '{entry}' named by the manifest is not in the assembly");
        if (!contract.IsAssignableFrom(type) || type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new BootException(
                $"{path}: the entry class '{entry}' must implement {contract.Name} and have a public constructor without parameters");
        }

        return type;
    }

    /// <summary>Reads metadata only: making the attribute object would run domain code.</summary>
    private static bool HasAttribute<T>(Type type) =>
        type.CustomAttributes.Any(attribute => attribute.AttributeType == typeof(T));

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}

/// <summary>A loaded image, of which nothing has run.</summary>
/// <param name="Context">The context to unload.</param>
/// <param name="EntryType">The entry class.</param>
/// <param name="Path">Where the image comes from, for messages.</param>
/// <param name="IsReentrant">Whether the entry class asks for re-entrancy.</param>
/// <param name="CompletesCalls">Whether calls go on when their caller dies.</param>
internal sealed record LoadedDomain(
    DomainLoadContext Context, Type EntryType, string Path, bool IsReentrant, bool CompletesCalls)
{
    internal Assembly Assembly => EntryType.Assembly;

    /// <summary>In which shelf of a <see cref="CodePool"/> it belongs; null for code that is used once.</summary>
    internal CodeKey? Key { get; init; }
}
