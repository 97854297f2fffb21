using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary>Options and arguments that more than one command has, with their checks.</summary>
internal static class Inputs
{
    internal static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = ParseSize,
    };

    internal static long? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (ByteSize.TryParse(text, out long bytes))
        {
            return bytes;
        }

        result.AddError($"'{text}' is no size; write a number with K, M, G or T, such as 512M");
        return null;
    }

    internal static Option<T> Number<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ParseNumber(result, name, min, max),
        };

    /// <summary>The folder, which must be there.</summary>
    internal static DirectoryInfo? ExistingFolder(string option, DirectoryInfo? folder) => folder switch
    {
        null or { Exists: true } => folder,
        _ when File.Exists(folder.FullName) => throw new CommandFailure($"{option}: {folder} is not a directory", ExitCode.Usage),
        _ => throw new CommandFailure($"{option}: no such directory: {folder}", ExitCode.Usage),
    };

    /// <summary>The folder, which may be there; seen before a long run has been for nothing.</summary>
    internal static DirectoryInfo? FolderToMake(string option, DirectoryInfo? folder) =>
        folder is null || !File.Exists(folder.FullName)
            ? folder
            : throw new CommandFailure($"{option}: {folder} is not a directory", ExitCode.Usage);

    /// <summary>The file, which must be there.</summary>
    internal static FileInfo? ExistingFile(string option, FileInfo? file) => file switch
    {
        null or { Exists: true } => file,
        _ when Directory.Exists(file.FullName) => throw new CommandFailure($"{option}: {file} is a directory", ExitCode.Usage),
        _ => throw new CommandFailure($"{option}: no such file: {file}", ExitCode.Usage),
    };

    /// <summary>A number, decimal or as 0x with digits of base 16, as seeds are printed.</summary>
    private static bool TryParse<T>(string text, out T value)
        where T : struct, INumber<T>
    {
        value = default;
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return T.TryParse(text, CultureInfo.InvariantCulture, out value);
        }

        if (!ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number))
        {
            return false;
        }

        value = T.CreateSaturating(number);
        return number == ulong.CreateSaturating(value);
    }

    private static T ParseNumber<T>(ArgumentResult result, string name, T min, T max)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text, out T value) && value >= min && value <= max)
        {
            return value;
        }

        result.AddError($"{name} must be a whole number from {min} to {max}, not '{text}'");
        return default;
    }
}
