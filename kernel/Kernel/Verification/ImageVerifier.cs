using System.Reflection.PortableExecutable;
using RedLeafSharp.Verification.Image;
using RedLeafSharp.Verification.Rules;

namespace RedLeafSharp.Verification;

/// <summary>
/// Judges an image: whether it can do anything, once loaded as a domain, that domain code may not. Nothing of the image runs, and
/// no image makes it throw. docs/verifier.md says in which order things are looked at, and why.
/// </summary>
internal static class ImageVerifier
{
    /// <summary>Verifies an image.</summary>
    /// <param name="assembly">The PE image.</param>
    /// <param name="symbols">Its portable PDB, or null; decides nothing, gives source lines.</param>
    /// <param name="file">What to call the image in messages.</param>
    /// <param name="options">How to verify.</param>
    internal static VerificationReport Verify(byte[] assembly, byte[]? symbols, string file, VerificationOptions options)
    {
        long start = TimeProvider.System.GetTimestamp();
        var log = new ViolationLog();
        int methods = 0;
        try
        {
            methods = Check(assembly, log, options);
        }
        catch (Exception exception) when (LoadedImage.IsLoadFailure(exception))
        {
            // Readers of metadata document no exceptions for images made to mislead them.
            log.Add(RuleId.Malformed, string.Empty, $"{file}: damaged image ({exception.GetType().Name}: {exception.Message})");
        }

        using var lines = new SourceLines(symbols);
        return new VerificationReport(log.ToList(lines), log.Count, methods, TimeProvider.System.GetElapsedTime(start));
    }

    private static int Check(byte[] assembly, ViolationLog log, VerificationOptions options)
    {
        if (assembly.Length > VerificationLimits.ImageBytesMax)
        {
            log.Add(RuleId.Malformed, string.Empty, $"larger than {VerificationLimits.ImageBytesMax} bytes");
            return 0;
        }

        using var reader = new PEReader(new MemoryStream(assembly, writable: false));
        if (!IsImage(reader, assembly, log))
        {
            return 0;
        }

        var file = new ImageFile(reader, log, options);
        if (CheckFile(file))
        {
            CheckLoaded(file, assembly);
        }

        return file.Bodies.Count;
    }

    private static bool IsImage(PEReader reader, byte[] assembly, ViolationLog log)
    {
        try
        {
            return PlainImageRules.Check(reader, assembly, log);
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException or IOException)
        {
            log.Add(RuleId.NotPlainIL, string.Empty, $"not a managed image ({exception.Message})");
            return false;
        }
    }

    /// <summary>All that can be said of the file before anybody who trusts it sees it.</summary>
    /// <returns>Whether the runtime may load it.</returns>
    private static bool CheckFile(ImageFile file)
    {
        if (!TableRules.Check(file))
        {
            return false;
        }

        RowRules.Check(file);
        ReferenceTableRules.Check(file);
        if (!TypeGraphRules.Check(file))
        {
            return false;
        }

        AttributeRules.Check(file);
        ContractVersionRules.Check(file);
        FieldRules.Check(file);
        MethodRules.Check(file);
        GenericExpansionRules.Check(file);
        return !file.Log.Has(RuleId.Malformed) && !file.Log.Has(RuleId.GenericExpansion) && !file.Log.Has(RuleId.NotPlainIL);
    }

    private static void CheckLoaded(ImageFile file, byte[] assembly)
    {
        var context = new VerificationContext();
        try
        {
            if (LoadedImage.Load(context, assembly, file) is { } image)
            {
                new TypeRules(image).Check();
                new BodyRules(image).Check();
            }
        }
        finally
        {
            context.Unload();
        }
    }
}
