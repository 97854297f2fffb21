using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>mkfifo: makes FIFOs.</summary>
public sealed class MkfifoProgram : Utility
{
    private const uint ModeDefault = 0x1B6;

    private protected override string Synopsis => "[-m MODE] NAME...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "m:", "mode=m");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing operand");
        }

        uint mode = ModeDefault;
        string? text = options.ValueOf('m');
        if (text is not null && !ModeChange.TryApply(text, ModeDefault, isDirectory: false, out mode))
        {
            return libc.Complain("invalid mode");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            byte[] bytes = ByteText.ToBytes(path);
            Errno error = Errors.Of(libc.System.MakeFifo(libc.Context, bytes, mode));
            status |= error == Errno.None ? 0 : libc.Complain($"cannot create fifo '{path}': {Errors.TextOf(error)}");
            if (error == Errno.None && text is not null)
            {
                // A mode that is given is not subject to the mask.
                var change = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = mode };
                error = Errors.Of(libc.System.SetAttributes(libc.Context, bytes, change, followsLinks: false));
                status |= error == Errno.None ? 0 : libc.Complain($"cannot set permissions of '{path}': {Errors.TextOf(error)}");
            }
        }

        return status;
    }
}
